"""Read a terminology in OBO 1.2 and 1.4, the flat format of the biomedical ontologies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bigpicture.catalogue.terminologies.terminology import MOST_TERMS, Drafted, Terminology
from bigpicture.model.errors import InputError
from bigpicture.model.place import Place
from bigpicture.model.scheme import canonical_scheme

_PART_OF = frozenset({"part_of", "BFO:0000050"})
_VALUE = re.compile(r"((?:[^!{\\]|\\.)*)")
"""What comes before a remark (`! …`) or qualifiers (`{…}`)."""
_ESCAPED = re.compile(r"\\(.)")


@dataclass(slots=True)
class _Stanza:
    kind: str
    line: int
    id: str = ""
    label: str = ""
    is_obsolete: bool = False
    kinds: list[str] = field(default_factory=list[str])
    parts: list[str] = field(default_factory=list[str])


def read_obo(lines: Iterable[bytes], *, name: str) -> Terminology:
    """Read the lines of a file; `is_a` and `relationship: part_of` both lead to a parent.

    Raises `InputError` that names file and line.
    """
    terms = Drafted(name)
    stanzas = 0
    for stanza in _stanzas(lines, name):
        stanzas += 1
        if stanza.kind != "Term" or stanza.is_obsolete:
            continue
        if not stanza.id:
            raise _wrong(name, stanza.line, "the term has no id.", "Add the line id: PREFIX:CODE.")
        terms.term(stanza.id, stanza.label, kinds=stanza.kinds, parts=stanza.parts)
        if len(terms) > MOST_TERMS:
            raise _wrong(name, stanza.line, f"there are more than {MOST_TERMS} terms.", "Split it.")
    if not stanzas:
        raise _wrong(name, 1, "there is no [Term] in it: this is no OBO.", "Export it as OBO.")
    return terms.done()


def _stanzas(lines: Iterable[bytes], name: str) -> Iterator[_Stanza]:
    stanza: _Stanza | None = None
    for number, raw in enumerate(lines, 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError:
            raise _wrong(
                name, number, "there are bytes that are not UTF-8.", "Save it as UTF-8."
            ) from None
        if line.startswith("["):
            if stanza:
                yield stanza
            if not line.partition("!")[0].rstrip().endswith("]"):
                raise _wrong(name, number, "the stanza's name has no end.", "Get the file anew.")
            stanza = _Stanza(line[1 : line.index("]")], number)
        elif stanza and line and not line.startswith("!"):
            _add(stanza, line, name, number)
    if stanza:
        yield stanza


def _add(stanza: _Stanza, line: str, name: str, number: int) -> None:
    tag, colon, rest = line.partition(":")
    if not colon:
        what = "the line has no tag: it may be cut short."
        raise _wrong(name, number, what, "Get the file anew.")
    if stanza.kind != "Term":
        return
    match tag:
        case "id":
            stanza.id = _key(_value(rest), name, number)
        case "name":
            stanza.label = _value(rest)
        case "is_obsolete":
            stanza.is_obsolete = _value(rest) == "true"
        case "is_a":
            stanza.kinds.append(_key(_value(rest), name, number))
        case "relationship":
            relation, _, term = _value(rest).partition(" ")
            if relation in _PART_OF:
                stanza.parts.append(_key(term.strip(), name, number))
        case _:
            pass


def _value(rest: str) -> str:
    found = _VALUE.match(rest)
    return _ESCAPED.sub(r"\1", found[1] if found else "").strip()


def _key(text: str, name: str, number: int) -> str:
    prefix, colon, code = text.partition(":")
    if not colon or not prefix or not code or " " in code:
        what = f"{text[:60]!r} is no identifier with a prefix."
        raise _wrong(name, number, what, "Identifiers look like UBERON:0002107.")
    return f"{canonical_scheme(prefix)}:{code}"


def _wrong(name: str, line: int, what: str, remedy: str) -> InputError:
    return InputError(what, place=str(Place(name, line)), rule="OBO 1.4", remedy=remedy)
