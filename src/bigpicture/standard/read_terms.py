"""Read a site's terminology file: CSV with the columns vocabulary, code, scheme, meaning."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from bigpicture.model.errors import InputError
from bigpicture.model.place import Place
from bigpicture.model.scheme import canonical_scheme
from bigpicture.standard.sctid import is_concept
from bigpicture.standard.site_terms import SiteTerm, SiteTerms
from bigpicture.standard.vocabularies import SNOMED, VOCABULARIES
from bigpicture.standard.vocabulary import fold

COLUMNS = ("vocabulary", "code", "scheme", "meaning")
_LARGEST = 32 << 20
_TOLD = 20
"""Errors that are told at once; the rest are counted."""


def read_terms(file: Path) -> SiteTerms:
    """Read a file of terms; raises `InputError` that names each wrong line and column."""
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(
            f"the terms cannot be read ({error.strerror}).",
            place=file.name,
            remedy="Name the terminology file of the site.",
        ) from error
    return parse_terms(data, name=file.name)


def parse_terms(data: bytes, *, name: str) -> SiteTerms:
    """Read the bytes of such a file: UTF-8, divided by commas or semicolons, with a heading."""
    if len(data) > _LARGEST:
        raise InputError(
            "the file of terms is too large.", place=name, rule=f"at most {_LARGEST} bytes"
        )
    problems: list[InputError] = []
    terms: dict[tuple[str, str, str], tuple[SiteTerm, int]] = {}
    for line, row in _rows(data, name):
        found = _term(row, name, line, problems)
        if found is None:
            continue
        earlier = terms.setdefault((found.vocabulary, found.scheme, found.code), (found, line))
        if fold(earlier[0].meaning) != fold(found.meaning):
            what = f"the code has another meaning on line {earlier[1]}."
            problems.append(_wrong(name, line, "meaning", what, "Keep one of the two."))
    if problems:
        raise _all(problems)
    return SiteTerms(tuple(term for term, _ in terms.values()))


def _rows(data: bytes, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _wrong(
            name, line, "", "there are bytes that are not UTF-8.", "Save it as UTF-8."
        ) from None
    first = text.partition("\n")[0]
    divider = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider, strict=True)
    heading: list[str] = []
    try:
        for row in reader:
            cells = [each.strip() for each in row]
            if not any(cells):
                continue
            if not heading:
                heading = _heading([each.lower() for each in cells], name, reader.line_num)
                continue
            if len(cells) > len(heading):
                what = f"the line has {len(cells)} columns."
                remedy = "Put what holds a comma into quotation marks."
                raise _wrong(name, reader.line_num, "", what, remedy)
            yield reader.line_num, dict(zip(heading, [*cells, *[""] * 4], strict=False))
    except csv.Error as error:
        what = f"this is no CSV ({error})."
        remedy = "Look for a quotation mark that is never closed."
        raise _wrong(name, reader.line_num, "", what, remedy) from error
    if not heading:
        raise _wrong(name, 1, "", "the file is empty.", f"Begin with the line {','.join(COLUMNS)}.")


def _heading(cells: list[str], name: str, line: int) -> list[str]:
    for column in COLUMNS:
        if cells.count(column) != 1:
            what = f"there is no column {column}." if column not in cells else "it is there twice."
            remedy = f"Begin with the line {','.join(COLUMNS)}."
            raise _wrong(name, line, column, what, remedy)
    return cells


def _term(row: dict[str, str], name: str, line: int, problems: list[InputError]) -> SiteTerm | None:
    vocabulary, code, meaning = row["vocabulary"].upper(), row["code"], row["meaning"]
    scheme = canonical_scheme(row["scheme"])
    before = len(problems)
    for column, what, remedy in _problems(vocabulary, code, scheme, meaning):
        problems.append(_wrong(name, line, column, what, remedy))
    return None if len(problems) > before else SiteTerm(vocabulary, code, scheme, meaning)


def _problems(
    vocabulary: str, code: str, scheme: str, meaning: str
) -> Iterator[tuple[str, str, str]]:
    """Column, what is wrong in it and the remedy."""
    named = VOCABULARIES.get(vocabulary)
    if named is None:
        near = get_close_matches(vocabulary, VOCABULARIES, 1)
        remedy = f"Did you mean {near[0]}?" if near else f"One of {', '.join(VOCABULARIES)}."
        yield "vocabulary", "there is no such vocabulary.", remedy
        return
    if not scheme:
        yield "scheme", "the scheme is empty.", "Name the coding scheme, such as SNOMED CT."
    if not code and (named.is_closed or scheme in named.schemes):
        yield "code", "the code is empty.", "Name the code; a whole scheme only opens a new one."
    if code and not meaning:
        yield "meaning", "the meaning is empty.", "Say in words what the code means."
    if code and scheme == SNOMED and not is_concept(code):
        yield (
            "code",
            "this is the number of no SNOMED CT concept.",
            "Its last digit is a check digit.",
        )
    known = named.terms.get(code) if scheme == named.schemes[0] else None
    if known is not None and meaning and fold(meaning) != fold(known):
        yield "meaning", f"the standard says of {code}: {known}.", "Use the standard's meaning."


def _wrong(name: str, line: int, column: str, what: str, remedy: str) -> InputError:
    place = str(Place(name, line)) + (f", column {column}" if column else "")
    return InputError(what, place=place, rule=",".join(COLUMNS), remedy=remedy)


def _all(problems: list[InputError]) -> InputError:
    if len(problems) == 1:
        return problems[0]
    error = InputError(
        f"{len(problems)} lines are wrong; the first: {problems[0].what}",
        place=problems[0].place,
        rule=",".join(COLUMNS),
        remedy="Correct them; nothing of the file was used.",
    )
    error.errors = tuple(problems[:_TOLD])
    return error
