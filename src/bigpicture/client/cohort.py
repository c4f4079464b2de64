"""Cohorts of a node: saved questions, frozen to exact images, split and taken away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bigpicture.client.node import Node
from bigpicture.client.told import Told, save_whole
from bigpicture.model.cohort import Sharing
from bigpicture.model.errors import ConflictError, InputError, UnknownError
from bigpicture.model.export_form import Form
from bigpicture.model.question import Question
from bigpicture.model.question_json import question_as_json
from bigpicture.model.question_text import parse_question
from bigpicture.model.split import Apart, parse_parts

HERE = "/api/v1/cohorts"
THREE = "train:0.7,tune:0.1,test:0.2"
_ID = re.compile(r"(?:.*/cohorts/)?([0-9a-f]{32})(?:[/?#].*)?")


@dataclass(frozen=True, slots=True)
class SplitAsked:
    """`apart` is what is never on two sides; `by` a field whose terms each part has alike."""

    parts: str = THREE
    apart: Apart = Apart.BEING
    by: str = ""
    seed: str = ""

    @property
    def query(self) -> dict[str, str]:
        """Raises `InputError` where the parts are none."""
        parse_parts(self.parts)
        told = {"parts": self.parts, "apart": self.apart, "by": self.by, "seed": self.seed}
        return {name: str(value) for name, value in told.items() if value}


class FrozenCohort:
    """An exact list of images at a node. `told` is what the node says of it, as JSON."""

    def __init__(self, node: Node, cohort: str, told: Mapping[str, Any]) -> None:
        self.node = node
        self.cohort = cohort
        """The id of the saved question that it was frozen from."""
        self.told = told

    @property
    def number(self) -> int:
        return self.told["number"]

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the sorted accessions, each with a line feed."""
        return self.told["digest"]

    @property
    def accession(self) -> str | None:
        return self.told["accession"]

    @property
    def is_whole(self) -> bool:
        """Whether every image of the list is in a dataset that you may open now."""
        return not self.told["hidden"]

    def images(self, split: SplitAsked | None = None) -> list[Mapping[str, Any]]:
        """The images that you may open, with what is known of each; `split` adds their parts."""
        given = {"form": Form.JSON, **(split.query if split else {})}
        return self.node.get(f"{self._path}/export", **given)["images"]

    def split(
        self, parts: str = THREE, *, apart: str = "being", by: str = "", seed: str = ""
    ) -> dict[str, list[str]]:
        """Accessions by part: no being on two sides, the same for everybody with the same list."""
        asked = SplitAsked(parts, Apart(apart), by, seed)
        sides: dict[str, list[str]] = {part.name: [] for part in parse_parts(parts)}
        for image in self.images(asked):
            sides[image["split"]].append(image["accession"])
        return sides

    def tell_split(self, asked: SplitAsked) -> Mapping[str, Any]:
        """The shares that come of a split, as the node tells them."""
        return self.node.get(f"{self._path}/split", **asked.query)

    def export(
        self, form: Form | str, *, split: SplitAsked | None = None, part: str = ""
    ) -> Iterator[bytes]:
        """The list as a file, in pieces; `part` keeps one part of the split."""
        given = {"form": Form(form), **(split.query if split else {})}
        query = urlencode({**given, **({"part": part} if part else {})})
        with self.node.stream(f"{self._path}/export?{query}", headers={}) as answer:
            yield from answer.iter_bytes()

    def save(
        self,
        form: Form | str,
        path: Path | str,
        *,
        split: SplitAsked | None = None,
        part: str = "",
    ) -> Path:
        """Write the file; it gets its name only when it is whole."""
        return save_whole(path, self.export(form, split=split, part=part))

    def mint(self) -> str:
        """The accession of the list; it is given one where it has none."""
        return self.node.post(f"{self._path}/accession", None)["accession"]

    @property
    def _path(self) -> str:
        return f"{HERE}/{self.cohort}/versions/{self.number}"


class SavedCohort(Told):
    """A saved question at a node. Use it with `with`, or `close` it."""

    @property
    def id(self) -> str:
        return self.told["id"]

    @property
    def name(self) -> str:
        return self.told["name"]

    @property
    def question(self) -> str:
        return self.told["question"]

    def freeze(self) -> FrozenCohort:
        """The images that answer now, as a version; the last one where nothing changed."""
        return FrozenCohort(self.node, self.id, self.node.post(f"{self._path}/versions", None))

    def versions(self) -> list[FrozenCohort]:
        """Every version, the newest first."""
        found = self.node.items(f"{self._path}/versions")
        return [FrozenCohort(self.node, self.id, told) for told in found]

    def version(self, number: int | None = None) -> FrozenCohort:
        """A version, else the newest; a cohort of yours that has none yet is frozen."""
        if number is not None:
            told = self.node.get(f"{self._path}/versions/{number}")
            return FrozenCohort(self.node, self.id, told)
        newest = self.node.get(f"{self._path}/versions", limit=1)["items"]
        return FrozenCohort(self.node, self.id, newest[0]) if newest else self.freeze()

    def compare(self, earlier: int, later: int | None = None) -> Mapping[str, Any]:
        """What entered, what left, and why, between two versions or until now."""
        return self.node.get(f"{self._path}/compare", earlier=earlier, later=later)

    def request(self) -> Mapping[str, Any]:
        """The datasets that need a grant, and a text that asks for them."""
        return self.node.get(f"{self._path}/request")

    @property
    def _path(self) -> str:
        return f"{HERE}/{self.id}"


def save_cohort(
    node: Node,
    name: str,
    question: str | Question,
    *,
    notes: str = "",
    sharing: Sharing = Sharing.PRIVATE,
) -> SavedCohort:
    """Save a question; raises `InputError` for one that is wrong, before anything is sent."""
    tree = parse_question(question) if isinstance(question, str) else question
    body = {
        "name": name,
        "notes": notes,
        "sharing": sharing,
        "question": json.loads(json.dumps(question_as_json(tree))),
    }
    return SavedCohort(node, node.post(HERE, body))


def list_cohorts(node: Node, *, shared: bool = False) -> Iterator[Mapping[str, Any]]:
    """Your cohorts, or those that others share with the node, as the node tells them."""
    return node.items(HERE, whose="shared" if shared else "mine")


def find_cohort(node: Node, which: str) -> SavedCohort:
    """A cohort by its id, the address of its page, or its name.

    Raises `UnknownError` where there is none, `ConflictError` where several are called so.
    """
    named = _ID.fullmatch(which.strip())
    if named:
        return SavedCohort(node, node.get(f"{HERE}/{named[1]}"))
    if not which.strip():
        raise InputError("no cohort is named.", rule="an id, an address, or a name")
    listed = [*list_cohorts(node), *list_cohorts(node, shared=True)]
    found = [each["id"] for each in listed if each["name"].casefold() == which.strip().casefold()]
    if not found:
        raise UnknownError(
            "there is no cohort of this name that is yours or shared with the node.",
            remedy="`bigpicture cohort list` tells which there are.",
        )
    if len(found) > 1:
        raise ConflictError(
            "several cohorts have this name.",
            rule=", ".join(found[:5]),
            remedy="Name it by its id.",
        )
    return SavedCohort(node, node.get(f"{HERE}/{found[0]}"))


def cohort(which: str, *, node: str, token: str | None = None) -> SavedCohort:
    """Open a cohort of a node by its id, the address of its page, or its name.

    `token` is a bearer token of the node, else BIGPICTURE_TOKEN.
    """
    door = Node(node, token=token)
    try:
        return find_cohort(door, which)
    except BaseException:
        door.close()
        raise
