"""Names: a frequent given name beside a surname, or what follows a label or a form of address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bigpicture.standard.people.languages import NAME, PATIENT, STAFF, TITLE, compiled
from bigpicture.standard.people.not_names import FAMOUS_NAMES
from bigpicture.standard.people.sighting import Kind, Sighting
from bigpicture.standard.people.words import Word, words_of

_LABEL = compiled(
    rf"(?:(?<![\w])(?:{PATIENT})['’]?s?[ _-]*(?:{NAME})?|(?:^|[\n\r;,.|/(\[]|\b\d+\))\s*(?:{NAME}))"
    r"\s*[:=]\s*"
)
_STAFF = compiled(rf"(?<!\w)(?:{STAFF})\s*[:,]?\s+(?=[^\W\d_])")
_TITLE = re.compile(rf"(?<![\w-])(?:(?:{TITLE})\s+)+(?=[^\W\d_])")
_JOINS = re.compile(r"[ \u00a0]{1,2}|-|, ?|\^|_|\. ?|\s?\t\s?")
_WITHIN = re.compile(r"[ \u00a0]{1,2}|[-_^]|\. ?")
_LONGEST = 5
"""Words of one name, particles and initials included."""


def names_in(text: str, *, is_label: bool = False) -> Iterator[Sighting]:
    """Yield what looks like somebody's name; `is_label`: the text is an alias or a file's name."""
    words = words_of(text)
    yield from _after(text, words, _LABEL, "a person's name, after a label")
    yield from _titled(text, words)
    yield from _after(text, words, _STAFF, "the name of one who signed or sent", unsure=True)
    for at, word in enumerate(words):
        if word.is_given:
            found = _around(text, words, at, is_label=is_label)
            if found is not None:
                yield found


def _around(text: str, words: Sequence[Word], at: int, *, is_label: bool) -> Sighting | None:
    """A given name with a surname after it, or before it: `Mustermann, Erika`."""
    given = words[at]
    if _belongs_to_organisation(words, at, at):
        return None
    if not given.is_capitalised:
        return _in_label(text, words, at) if is_label else None
    run = _run(text, words, at)
    surname = next((each for each in words[at + 1 : run + 1] if _is_surname(each)), None)
    if surname is not None and not _belongs_to_organisation(words, at, run):
        pair = f"{given.folded} {words[at + 1].folded}"
        if pair in FAMOUS_NAMES:
            return None
        sure = given.is_plain_given and not (surname.is_eponym and given.text.isupper())
        if given.text.isupper() != surname.text.isupper():
            sure = sure and len(surname.text) > 3
        return _sighting(given.start, words[run].end, is_sure=sure)
    return _before(text, words, at)


def _before(text: str, words: Sequence[Word], at: int) -> Sighting | None:
    if at == 0:
        return None
    given, surname = words[at], words[at - 1]
    between = text[surname.end : given.start]
    if not _is_surname(surname) or _belongs_to_organisation(words, at - 1, at):
        return None
    if re.fullmatch(r", ?|\^|_|-", between):
        sure = given.is_plain_given and not surname.is_eponym
        return _sighting(surname.start, given.end, is_sure=sure)
    is_plain = between in {" ", "  "}
    if is_plain and surname.text.isupper() and given.is_plain_given:
        return _sighting(surname.start, given.end, is_sure=not surname.is_eponym)
    if is_plain and given.is_plain_given and not surname.is_eponym:
        return _sighting(surname.start, given.end, is_sure=False)
    return None


def _in_label(text: str, words: Sequence[Word], at: int) -> Sighting | None:
    """`mustermann_erika` as a file or an alias is called."""
    given = words[at]
    if not given.is_plain_given or len(given.text) < 4:
        return None
    for other in (at - 1, at + 1):
        if not 0 <= other < len(words):
            continue
        near = words[other]
        first, last = sorted((given, near), key=lambda each: each.start)
        joined = re.fullmatch(r"[ _.^-]|, ?", text[first.end : last.start])
        if joined and len(near.text) > 3 and not (near.is_ordinary or near.is_eponym):
            return _sighting(first.start, last.end, is_sure=False)
    return None


def _run(text: str, words: Sequence[Word], at: int) -> int:
    """The last word of the name that begins at `at`."""
    last = at
    for number in range(at + 1, min(at + _LONGEST, len(words))):
        word, before = words[number], words[number - 1]
        if not _WITHIN.fullmatch(text[before.end : word.start]):
            break
        if word.is_particle or word.is_initial:
            continue
        if not word.is_capitalised or word.is_ordinary:
            break
        last = number
        if _is_surname(word) and not word.is_given and number > at + 1:
            break
    return last


def _after(
    text: str,
    words: Sequence[Word],
    label: re.Pattern[str],
    told: str,
    *,
    unsure: bool = False,
) -> Iterator[Sighting]:
    """The capitalised words after a label."""
    for match in label.finditer(text):
        named = _named(text, words, match.end())
        if not named:
            continue
        given = any(each.is_plain_given for each in named)
        whole = [each for each in named if not each.is_initial and not each.is_particle]
        says_name = label is _LABEL and _says_name(match.group())
        enough = given or says_name or len(whole) > 1
        if unsure:
            enough = given or (len(named) > 1 and named[0].is_initial)
        if not enough or all(each.is_eponym for each in whole):
            continue
        sure = (given and len(named) > 1) or says_name
        yield Sighting(
            Kind.NAME,
            named[0].start,
            named[-1].end,
            told,
            is_sure=sure,
            is_labelled=label is _LABEL,
        )


def _says_name(label: str) -> bool:
    bare = label.strip(" \n\r\t:=;,.|/()[]")
    return compiled(rf"(?:.*[\W_])?(?:{NAME})").fullmatch(bare) is not None


def _named(text: str, words: Sequence[Word], start: int) -> list[Word]:
    named: list[Word] = []
    for word in (each for each in words if each.start >= start):
        begins = named[-1].end if named else start
        between = text[begins : word.start]
        if between and not (
            _JOINS.fullmatch(between) if named else re.fullmatch(r"[\"'(]?", between)
        ):
            break
        if not (word.could_be_surname or (word.is_given and word.is_capitalised)
                or word.is_initial or (word.is_particle and bool(named))):  # fmt: skip
            break
        named.append(word)
        if len(named) == _LONGEST:
            break
    while named and (named[-1].is_particle or named[-1].is_initial) and len(named) > 2:
        named.pop()
    return named if any(len(each.text) > 1 and not each.is_particle for each in named) else []


def _titled(text: str, words: Sequence[Word]) -> Iterator[Sighting]:
    for match in _TITLE.finditer(text):
        named = _named(text, words, match.end())
        surnames = [each for each in named if _is_surname(each) or each.is_given]
        if not surnames or _is_organisation_after(words, named[-1]):
            continue
        sure = not all(each.is_eponym for each in surnames)
        label = "a person's name, after a form of address"
        yield Sighting(Kind.NAME, named[0].start, named[-1].end, label, is_sure=sure)


def _is_surname(word: Word) -> bool:
    return word.could_be_surname and len(word.text) > 2


def _belongs_to_organisation(words: Sequence[Word], first: int, last: int) -> bool:
    before = words[first - 1] if first else None
    return (
        before is not None and (before.is_of_organisation or before.is_saint)
    ) or _is_organisation_after(words, words[last])


def _is_organisation_after(words: Sequence[Word], last: Word) -> bool:
    following = next((each for each in words if each.start >= last.end), None)
    return following is not None and following.is_of_organisation


def _sighting(start: int, end: int, *, is_sure: bool) -> Sighting:
    return Sighting(Kind.NAME, start, end, "a person's name", is_sure=is_sure)
