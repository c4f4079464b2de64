"""Days of birth: a day beside a word of birth; and ages that only very old people reach."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bigpicture.standard.people.days import days_in
from bigpicture.standard.people.languages import BIRTH, OF_AGE, compiled
from bigpicture.standard.people.sighting import Kind, Sighting

_WORD = compiled(rf"(?<![^\W\d_])(?:{BIRTH})(?![^\W\d_])|[*☆](?=\s?\d)")
_YEAR = re.compile(r"(?<![\d.])(?:19|20)\d\d(?![\d])")
_BETWEEN = 24
"""Characters that may stand between the word and the day: `geb. (lt. Ausweis) am`."""
_AGE = compiled(
    rf"(?<![\d.,-])(?P<age>(?:9\d|1[01]\d))(?:\s|-)?(?:{OF_AGE})(?![^\W\d_])"
    r"|(?<!\w)(?:aged?|alter|[aâ]ge|edad|et[aà]|idade|leeftijd|[aå]lder|ik[aä]|wiek|v[eě]k|kor|v[aâ]rsta)"
    r"\s*(?::|of|=|de|von)?\s*(?P<told>(?:9\d|1[01]\d))(?![\d.,%-])"
)


def births_in(text: str) -> Iterator[Sighting]:
    """Yield days of birth; the year alone is doubtful."""
    words = [each.end() for each in _WORD.finditer(text)]
    if not words:
        return
    told: list[int] = []
    for start, end, _ in days_in(text):
        if any(0 <= start - word <= _BETWEEN for word in words):
            told.append(start)
            yield Sighting(Kind.BIRTH, start, end, "a date of birth", is_sure=True)
    for match in _YEAR.finditer(text):
        near = any(0 <= match.start() - word <= _BETWEEN // 2 for word in words)
        if near and not any(start <= match.start() <= start + 20 for start in told):
            yield Sighting(Kind.BIRTH, match.start(), match.end(), "a year of birth")


def great_ages_in(text: str) -> Iterator[Sighting]:
    """Yield ages above 89 that are stated to the year."""
    for match in _AGE.finditer(text):
        group = "age" if match["age"] else "told"
        if int(match[group]) > 89:
            yield Sighting(Kind.AGE, match.start(group), match.end(group), "an age above 89")
