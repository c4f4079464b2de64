"""Days as people write them, in the languages of Europe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from bigpicture.standard.people.sighting import fold

_MONTHS = (
    "jan|gen|ene|led|sty|tam|ian|ιαν|яну|янв|jaan|sau|stud|sije",
    "feb|fev|fév|unor|úno|lut|hel|φεβ|фев|veeb|vas|velj",
    "mar|mär|mrz|maer|maa|bře|bre|μαρ|мар|már|kov|ožu|ozu|mac",
    "apr|avr|abr|huh|kwi|dub|απρ|апр|ápr|bal|tra",
    "may|mai|maj|mag|mei|tou|maio|kvě|kve|μαϊ|μαι|май|máj|geg|svi",
    "jun|jui?n|giu|kes|cze|červn|cerv|ιουν|юни|июн|jún|bir|lip(?=anj)",
    "jul|juil|lug|hei|lip|července|ιουλ|юли|июл|júl|lie|srp(?=anj)",
    "aug|aoû|aou|ago|elo|sie|srp|αυγ|авг|rugp|kol",
    "sep|set|syy|wrz|zář|zar|σεπ|сеп|сен|szept|rugs|ruj",
    "okt|oct|ott|out|lok|paź|paz|říj|rij|οκτ|окт|spa|lis(?=top)",
    "nov|mar(?=ras)|lis|νοε|ноя|ное|lap|stu",
    "dec|dez|déc|dic|des|jou|gru|pro|δεκ|дек|gruo",
)
_MONTH = "|".join(_MONTHS)
_DAY = re.compile(
    r"(?<![\d.])(?:"
    r"(?P<y1>(?:18|19|20)\d\d)(?P<s1>[-/.])(?P<m1>\d{1,2})(?P=s1)(?P<d1>\d{1,2})"
    r"|(?P<d2>\d{1,2})(?P<s2>[-/.]|\. )(?P<m2>\d{1,2})(?P=s2)(?P<y2>(?:18|19|20)?\d\d)"
    r"|(?P<y3>(?:18|19|20)\d\d)(?P<m3>0[1-9]|1[0-2])(?P<d3>[0-3]\d)"
    rf"|(?P<d4>\d{{1,2}})(?:\.|st|nd|rd|th|er|º|ος|η)?[ -]?(?:de |di |of )?"
    rf"(?P<m4>(?:{_MONTH})[^\W\d_]*)"
    r"\.?,?[ -]?(?:de |del |di )?(?P<y4>(?:18|19|20)\d\d)"
    rf"|(?P<m5>(?:{_MONTH})[^\W\d_]*)\.? "
    rf"(?P<d5>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y5>(?:18|19|20)\d\d)"
    rf"|(?P<y6>(?:18|19|20)\d\d)\. (?P<m6>(?:{_MONTH})[^\W\d_]*) (?P<d6>\d{{1,2}})"
    r")(?!\d)",
    re.IGNORECASE,
)
PARTS_OF_A_DAY = 6
EPOCH = date(1970, 1, 1)
"""What DICOM and the standard say where no day is known."""


def days_in(text: str) -> Iterator[tuple[int, int, date | None]]:
    """Yield start, end and day of each date that names a day; None where only its form is read."""
    for match in _DAY.finditer(text):
        day = _day(match)
        if day is not None and day != EPOCH:
            yield match.start(), match.end(), day


def _day(match: re.Match[str]) -> date | None:
    found = match.groupdict()
    for part in range(1, PARTS_OF_A_DAY + 1):
        if found[f"y{part}"] is None:
            continue
        year, month, day = found[f"y{part}"], found[f"m{part}"], found[f"d{part}"]
        years = int(year) if len(year) == 4 else 1900 + int(year)
        months = int(month) if month.isdecimal() else _month(month)
        try:
            return date(years, months, int(day))
        except ValueError:
            pass
        try:
            return date(years, int(day), months)  # the American order
        except ValueError:
            return None
    return None


def _month(name: str) -> int:
    folded = fold(name)
    for number, beginnings in enumerate(_MONTHS, 1):
        if re.match(fold(beginnings), folded):
            return number
    return 0
