"""OBO: what the format says (OBO 1.4, 3), and files that break it."""

from __future__ import annotations

import pytest

from bigpicture.catalogue.terminologies.obo import read_obo
from bigpicture.catalogue.terminologies.terminology import Terminology
from bigpicture.model.errors import InputError

SMALL = """format-version: 1.2
ontology: made

[Term]
id: MADE:1
name: organ

[Term]
id: MADE:2
name: gut \\{long\\} ! not of the name
is_a: MADE:1 {source="x"} ! organ
relationship: part_of MADE:3 {a="b"} ! body
relationship: develops_from MADE:9 ! no parent

[Term]
id: MADE:4
name: gone
is_obsolete: true
is_a: MADE:1

[Typedef]
id: part_of
name: part of
is_a: overlaps
"""


def read(text: str) -> Terminology:
    return read_obo(text.encode().splitlines(keepends=True), name="made.obo")


def parents(terms: Terminology) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {key: [] for key in terms.keys}
    for below, above in zip(terms.below, terms.above, strict=True):
        found[terms.keys[below]].append(terms.keys[above])
    return found


def test_kinds_and_parts_lead_to_parents() -> None:
    terms = read(SMALL)

    assert parents(terms) == {"MADE:1": [], "MADE:2": ["MADE:1", "MADE:3"], "MADE:3": []}
    assert dict(zip(terms.keys, terms.labels, strict=True)) == {
        "MADE:1": "organ",
        "MADE:2": "gut {long}",
        "MADE:3": "3",
    }
    assert terms.is_part.tolist() == [False, True]


def test_schemes_have_their_usual_spelling() -> None:
    assert read("[Term]\nid: SCTID:1\nname: x\nis_a: snomedct:2\n").keys == [
        "SCTID:1",
        "SNOMED CT:2",
    ]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 1, "no OBO"),
        ("<html></html>\n", 1, "no OBO"),
        ("[Term]\nname: x\n[Term]\nid: A:1\n", 1, "no id"),
        ("[Term]\nid: A:1\nis_a\n", 3, "cut short"),
        ("[Term]\nid: A:1\nis_a: B ! b\n", 3, "'B' is no identifier"),
        ("[Term]\nid: A:1\n[Ter", 3, "no end"),
    ],
)
def test_what_is_wrong_is_told_by_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        read(text)

    assert caught.value.place == f"made.obo:{line}"
    assert caught.value.remedy


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InputError, match="UTF-8"):
        read_obo([b"[Term]\n", b"id: A:\xff1\n"], name="made.obo")
