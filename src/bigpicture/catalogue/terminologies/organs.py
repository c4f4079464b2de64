"""Our own tree of organs: systems, the organs in them, the codes that name these.

It is invented here and owes nothing to the relations of SNOMED CT, which a site may have a licence
for and this program has not.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from bigpicture.catalogue.terminologies.terminology import Drafted, Terminology, code_of

SCHEME = "bigpicture organ"
_FILE = "organs.tsv"


class Organ(NamedTuple):
    """A system, or an organ `under` one; `codes` are keys, `names` other words for it."""

    key: str
    under: str
    label: str
    codes: tuple[str, ...]
    names: tuple[str, ...]


def read_tree() -> Terminology:
    """The tree; under each organ the codes of SNOMED CT and SEND that name it."""
    terms = Drafted(f"{SCHEME} tree")
    for organ in organs():
        terms.term(organ.key, organ.label, kinds=[organ.under] if organ.under else [], parts=())
        for code in organ.codes:
            terms.term(code, _told(code, organ), kinds=[organ.key], parts=())
    return terms.done()


@cache
def by_name() -> dict[str, str]:
    """The key of the organ that a label names, in any case."""
    return {
        name.casefold(): organ.key
        for organ in organs()
        for name in (organ.label, *organ.names, *map(code_of, organ.codes))
    }


@cache
def organs() -> tuple[Organ, ...]:
    """In the order in which pages show them."""
    return tuple(_rows())


def content() -> bytes:
    """The file, for a digest."""
    return files(__package__ or "").joinpath(_FILE).read_bytes()


def _rows() -> Iterator[Organ]:
    for row in csv.DictReader(io.StringIO(content().decode()), delimiter="\t"):
        yield Organ(
            f"{SCHEME}:{row['node']}",
            row["under"] and f"{SCHEME}:{row['under']}",
            row["label"],
            tuple(filter(None, row["codes"].split("|"))),
            tuple(filter(None, row["names"].split("|"))),
        )


def _told(key: str, organ: Organ) -> str:
    """What a code is called where nothing else says it: SEND's words stand for their codes."""
    code = code_of(key)
    return code if not any(each.isdigit() for each in code) else organ.label
