"""Moments: the days that a text names, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

_FIRST_YEAR, _LAST_YEAR = 1880, 2100
_NOBODYS = frozenset({date(1970, 1, 1), date(1900, 1, 1), date(1899, 12, 30), date(1980, 1, 1)})
"""Where calendars of programs begin: what stands for a date that is not told."""
_SAME_DAY = timedelta(hours=14, minutes=1)
"""Clocks of the world differ by so much, and a stamp does not say whose it is."""
_QUARTER = 15 * 60

_MONTHS: dict[str, int] = {
    form: number
    for language in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "jänner feber mrz apr mai jun jul aug sept okt nov dez",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "janv févr mars avr mai juin juil août sept oct nov déc",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ene feb mar abr may jun jul ago set oct nov dic",
        ("gennaio febbraio marzo aprile maggio giugno "
         "luglio agosto settembre ottobre novembre dicembre"),
        "gen feb mar apr mag giu lug ago set ott nov dic",
        "januari februari maart april mei juni juli augustus september oktober november december",
        "jan feb mrt apr mei jun jul aug sep okt nov dec",
        "januari februari mars april maj juni juli augusti september oktober november december",
        "januar februar marts april maj juni juli august september oktober november december",
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "jan fev mar abr mai jun jul ago set out nov dez",
        ("stycznia lutego marca kwietnia maja czerwca "
         "lipca sierpnia września października listopada grudnia"),
        ("tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta "
         "heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta"),
    )
    for number, word in enumerate(language.split(), 1)
    for form in (word, *(each.encode().decode("latin-1").lower() for each in (word, word.upper())))
}  # fmt: skip
_WORD = r"[^\x00-\x40\x5b-\x60\x7b-\x7f]{3,16}"
"""Letters, and whatever is beyond ASCII: UTF-8 that was read as Latin-1 is not all letters."""
# Each begins with a digit, so that text without any is passed over at once.
_ALONE = r"\d(?<![\d.]\d)"
_NUMERIC = re.compile(_ALONE + r"\d{0,3}(\s?[-/.:_\s]\s?)\d{1,2}\1\d{1,4}(?!\d|\.\d)", re.ASCII)
_PACKED = re.compile(_ALONE + r"(?:\d{7}(?:[t_]?\d{2}){0,3}|\d{5})(?!\d|\.\d+\.)", re.ASCII)
_ORDINAL = re.compile(_ALONE + r"\d{3}-\d{3}(?!\d)", re.ASCII)
_DAY_FIRST = re.compile(
    rf"(\d(?<!\d\d)\d?)(?:st|nd|rd|th|er|\.)?[\s._/-]{{0,2}}(?:(?:de|of|di)\s)?({_WORD})"
    rf"[\s.,_/'-]{{0,3}}(?:(?:de|del)\s)?(\d{{4}}|\d{{2}})(?!\d)"
)
_AFTER_MONTH = re.compile(
    r"(\d(?<!\d\d)\d?)(?:st|nd|rd|th)?[\s.,_/-]{1,3}"
    r"(?:\d\d:\d\d(?::\d\d)?\s(?:[a-z]{2,5}\s)?)?(\d{4})(?!\d)"
)
_MONTH_BEFORE = re.compile(rf"({_WORD})[\s._/-]{{0,2}}$")
_YEAR_FIRST = re.compile(
    rf"(\d(?<!\d\d)\d{{3}})[\s._/-]{{0,2}}({_WORD})[\s._/-]{{0,2}}(\d{{1,2}})(?!\d)"
)
_SIGNS = [f"{sign}|{sign.encode().decode('latin-1').lower()}" for sign in "年月日년월일"]
_CJK = re.compile(
    rf"(\d{{4}})\s?(?:{_SIGNS[0]}|{_SIGNS[3]})\s?(\d{{1,2}})\s?(?:{_SIGNS[1]}|{_SIGNS[4]})"
    rf"\s?(\d{{1,2}})\s?(?:{_SIGNS[2]}|{_SIGNS[5]})"
)
_STAMP = re.compile(
    _ALONE + r"(?:\d{4}\.\d{2,}|\d{8,9}\.\d+|\d{8,9}|\d{11,12}|\d{14,18})(?!\d|\.\d)", re.ASCII
)
_CLOCK = re.compile(r"(?:[T ]|^|(?<=\d{8}))(\d{2}):?(\d{2}):?(\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class Named:
    """A day that stands in a text from `start` on."""

    day: date
    start: int


def days_in(text: str) -> Iterator[Named]:
    """Every day that some reader would find in `text`.

    An ambiguous one (03/04/09) is several. Stamps (seconds since 1970 and the like) are no part of
    this: see `stamps_in`. Days that programs write where none is told are left out.
    """
    for each in _candidates(text):
        if each.day not in _NOBODYS:
            yield each


def _candidates(text: str) -> Iterator[Named]:
    text = text.lower()
    for found in _NUMERIC.finditer(text):
        yield from _named(_orders(*re.findall(r"\d+", found.group())), found.start())
    for found in _PACKED.finditer(text):
        digits = re.sub(r"\D.*", "", found.group())
        yield from _named(_packed(digits[:8] if len(digits) > 6 else digits), found.start())
    for found in _ORDINAL.finditer(text):
        year, number = (int(part) for part in found.group().split("-"))
        first = _day(year, 1, 1)
        if first and 1 <= number <= 366:
            yield Named(first + timedelta(days=number - 1), found.start())
    for found in _CJK.finditer(text):
        yield from _named([_day(*(int(part) for part in found.groups()))], found.start())
    yield from _by_words(text)


def _by_words(text: str) -> Iterator[Named]:
    """Days whose month is a word."""
    for found in _DAY_FIRST.finditer(text):
        yield from _with_month(found.group(2), found.group(3), found.group(1), found.start())
    for found in _YEAR_FIRST.finditer(text):
        yield from _with_month(found.group(2), found.group(1), found.group(3), found.start())
    for found in _AFTER_MONTH.finditer(text):
        before = _MONTH_BEFORE.search(text, max(0, found.start() - 20), found.start())
        if before:
            yield from _with_month(before.group(1), found.group(2), found.group(1), before.start())


def _with_month(word: str, year: str, day: str, start: int) -> Iterator[Named]:
    month = _MONTHS.get(word)
    if month:
        yield from _named((_day(each, month, int(day)) for each in _years(year)), start)


def _named(days: Iterable[date | None], start: int) -> Iterator[Named]:
    yield from (Named(day, start) for day in days if day)


def _orders(first: str, second: str, third: str) -> Iterator[date | None]:
    """Year first or last; a year of two digits only beside parts of two digits."""
    if len(first) == 4:
        yield _day(int(first), int(second), int(third))
    elif len(third) == 4:
        yield _day(int(third), int(second), int(first))
        yield _day(int(third), int(first), int(second))
    elif {len(first), len(second), len(third)} == {2}:
        for year, month, day in (
            (third, second, first),
            (third, first, second),
            (first, second, third),
        ):
            yield from (_day(full, int(month), int(day)) for full in _years(year))


def _packed(digits: str) -> Iterator[date | None]:
    if len(digits) == 8:
        yield _day(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        yield _day(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
        yield _day(int(digits[4:]), int(digits[:2]), int(digits[2:4]))
    else:
        yield from _orders(digits[:2], digits[2:4], digits[4:])


def _years(text: str) -> tuple[int, ...]:
    year = int(text)
    return (year,) if len(text) == 4 else (1900 + year, 2000 + year)


def _day(year: int, month: int, day: int) -> date | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def moments_in(text: str) -> Iterator[datetime]:
    """The days in `text` with their time of day, where a single one is told beside them."""
    clocks = [tuple(int(part) for part in found.groups()) for found in _CLOCK.finditer(text)]
    for named in days_in(text):
        for hour, minute, second in clocks[:1]:
            if hour < 24 and minute < 60 and second < 60:
                # Nobody says whose clock it was.
                yield datetime.combine(named.day, time(hour, minute, second))


def stamps_in(text: str) -> Iterator[tuple[datetime, int]]:
    """The moments, in UTC, that numbers in `text` may mean, and where they stand.

    Seconds, milli-, micro- and nanoseconds since 1970, ticks of .NET, file times of Windows, and
    days since 1899 with a fraction (OLE).
    """
    for found in _STAMP.finditer(text):
        for moment in _meanings(found.group()):
            yield moment, found.start()


def _meanings(number: str) -> Iterator[datetime]:
    whole, _, fraction = number.partition(".")
    value = int(whole)
    seconds: list[float] = []
    if fraction and len(whole) == 5:
        seconds.append((float(number) - 25569) * 86400)
    elif len(whole) <= 10:
        seconds.append(value)
    elif len(whole) <= 13:
        seconds.append(value / 1e3)
    else:
        seconds += [value / 1e6, value / 1e9, value / 1e7 - 62135596800, value / 1e7 - 11644473600]
    for each in seconds:
        if -2_840_000_000 < each < 4_110_000_000:
            yield datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=round(each))


def is_same(moment: datetime, stamp: datetime) -> bool:
    """Whether a stamp in UTC may mean a moment by a clock on some wall: quarters of hours apart."""
    apart = stamp.replace(tzinfo=None) - moment
    if abs(apart) > _SAME_DAY:
        return False
    beside = round(apart.total_seconds()) % _QUARTER
    return min(beside, _QUARTER - beside) <= 1


WRITTEN = ("%Y%m%d", "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y:%m:%d",
           "%d-%m-%Y", "%m-%d-%Y", "%d%m%Y", "%m%d%Y", "%m/%d/%y", "%d/%m/%y",
           "%d.%m.%y")  # fmt: skip
"""How most programs write a day; these are searched among the pixels too."""
_SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def written(day: date) -> Iterator[str]:
    """A day in the forms of most programs; `days_in` reads many more."""
    yield from (day.strftime(form) for form in WRITTEN)
    month = _SHORT[day.month - 1]
    yield from (f"{day.day:02d}{mark}{month}{mark}{day.year}" for mark in (" ", "-", ""))
