"""Canaries in every text slot of a submission: `bigpicture validate` repeats none in any format."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from bigpicture.cli import build
from bigpicture.metaflex.tree import Comment, Document, Element
from bigpicture.metaflex.write import write_document
from invented_everything import everything
from invented_submission import CONTENTS

CANARIES = {
    "a name": ("Erika Zwirnhofer", ("Zwirnhofer",)),
    "a name, its surname first": ("Zwirnhofer, Gwendolyn", ("Zwirnhofer", "Gwendolyn")),
    "a name in capitals": ("ZWIRNHOFER^GWENDOLYN", ("ZWIRNHOFER", "GWENDOLYN")),
    "a labelled name": ("Patient: Annegret Zwirnhofer", ("Zwirnhofer",)),
    "a form of address": ("Frau Zwirnhofer", ("Zwirnhofer",)),
    "a date of birth": ("geb. 17.11.1931", ("17.11.1931", "11.1931")),
    "a day": ("1931-11-17", ("1931-11-17",)),
    "a national number": ("131052-308T", ("131052-308T", "131052")),
    "another": ("85.07.30-033.28", ("85.07.30", "033.28")),
    "an address": ("gwendolyn.zwirnhofer@example.org", ("zwirnhofer",)),
}
"""What is planted, and what of it must be nowhere. All of it is invented, the numbers published."""

SKIPPED = {"ATTRIBUTES", "VALUE"}


def slots(documents: dict[str, Document]) -> list[tuple[str, tuple[int, ...], str]]:
    """Every text and every XML attribute of every document: file, path of positions, name."""
    found = []

    def walk(file: str, element: Element, path: tuple[int, ...]) -> None:
        children = list(element.elements)
        if (not children and element.tag not in SKIPPED) or element.text:
            found.append((file, path, "text"))
        found.extend((file, path, key) for key, _ in element.attributes if key != "xsi:nil")
        found.append((file, path, "comment"))
        found.append((file, path, "tag"))
        for at, child in enumerate(element.children):
            if isinstance(child, Element):
                walk(file, child, (*path, at))

    for file, document in documents.items():
        walk(file, document.root, ())
    return found


def planted(element: Element, path: tuple[int, ...], slot: str, value: str) -> Element:
    if path:
        at, *rest = path
        children = list(element.children)
        children[at] = planted(children[at], tuple(rest), slot, value)
        return replace(element, children=tuple(children))
    if slot == "text":
        return replace(element, text=value, is_nil=False, attributes=tuple(
            pair for pair in element.attributes if pair[0] != "xsi:nil"))  # fmt: skip
    if slot == "comment":
        return replace(element, children=(*element.children, Comment(f" {value} ")))
    if slot == "tag":
        return replace(element, tag=re.sub(r"[^\w.-]", "_", f"T_{value}"))
    pairs = tuple((key, value if key == slot else old) for key, old in element.attributes)
    return replace(element, attributes=pairs)


def told(folder, how: str) -> str:
    """The answer of the command; a table of a width at which nothing is broken over lines."""
    arguments = ["validate", str(folder), *([how] if how else [])]
    done = CliRunner(env={"COLUMNS": "4000", "TERM": "dumb"}).invoke(build("validate"), arguments)
    assert done.exit_code in (0, 1), done.output
    return done.output


def write(folder, documents: dict[str, Document]) -> None:
    contents = {name: write_document(each) for name, each in documents.items()} | CONTENTS
    for path, data in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


@pytest.mark.parametrize("canary", CANARIES)
def test_no_format_repeats_a_canary(canary, tmp_path):
    """One by one in every slot of a clinical submission that states every row."""
    value, forbidden = CANARIES[canary]
    documents = everything(is_clinical=True)
    chance = random.Random(canary)
    some = chance.sample(slots(documents), 20)
    folder = tmp_path / "DATASET_livers"
    write(folder, documents)
    for file, path, slot in some:
        root = planted(documents[file].root, path, slot, value)
        (folder / file).write_bytes(write_document(replace(documents[file], root=root)))
        formats = ("--json", chance.choice(["", "--html", "--sarif"]))
        for how in formats:
            answer = told(folder, how)
            repeated = [each for each in forbidden if each.lower() in answer.lower()]
            assert not repeated, (file, path, slot, how)
        (folder / file).write_bytes(write_document(documents[file]))


@pytest.mark.parametrize("how", ["--json", "--html", "--sarif", ""])
def test_everything_planted_at_once_is_repeated_nowhere(how, tmp_path):
    documents = everything(is_clinical=True)
    chance = random.Random(how)
    values = list(CANARIES.values())
    for file, path, slot in slots(documents):
        if slot in {"text", "comment", "alias", "filename"} and chance.random() < 0.8:
            value = chance.choice(values)[0]
            root = planted(documents[file].root, path, slot, value)
            if slot != "comment":
                documents[file] = replace(documents[file], root=root)
    folder = tmp_path / "DATASET_livers"
    write(folder, documents)
    (folder / "IMAGES/IMAGE_Zwirnhofer").mkdir()
    (folder / "IMAGES/IMAGE_Zwirnhofer/Gwendolyn_Zwirnhofer.svs").write_bytes(b"x")
    answer = told(folder, how).lower()
    for _, forbidden in values:
        assert not [each for each in forbidden if each.lower() in answer]
    if how == "--json":
        rules = {each["rule"] for each in json.loads(answer)["findings"]}
        assert {"bp-name", "bp-birth-date", "bp-national-number"} <= rules
