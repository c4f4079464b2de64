"""Finds the slide that each row names among those of a folder, and what is left over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

from bigpicture.preparation.cell_finding import CellFinding
from bigpicture.preparation.notes import Notes
from bigpicture.preparation.plan import PlannedImage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Matched:
    """`places` are by the file as the row names it; `left_over` slides are named by no row."""

    places: Mapping[str, str]
    left_over: tuple[str, ...]
    findings: tuple[CellFinding, ...]


def match_files(images: Iterable[PlannedImage], slides: Iterable[str]) -> Matched:
    """Match rows with slides (paths in the folder, with `/`).

    A row may name the path, the name, or the name without its ending, in any case of letters;
    a name that two slides share must be given with its folder.
    """
    there = list(slides)
    by_name = _by_name(there)
    notes = Notes()
    places: dict[str, str] = {}
    taken: dict[str, PlannedImage] = {}
    for image in images:
        found = _candidates(image.file, by_name)
        if len(found) != 1:
            _say(image, several=len(found) > 1, notes=notes)
            continue
        earlier = taken.setdefault(found[0], image)
        if earlier is not image:
            notes.say(
                (image.cell, earlier.cell),
                "two rows name the same slide in different ways.",
                expected="one name for each file",
                remedy="Correct the row that is wrong.",
                column="file",
            )
        places[image.file] = found[0]
    return Matched(places, tuple(each for each in there if each not in taken), notes.findings)


def _by_name(slides: list[str]) -> dict[str, list[str]]:
    """Every name that a slide may be called by, the most exact first in `_candidates`."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for each in slides:
        path = PurePosixPath(each)
        bare = path.with_suffix("") if path.name else path
        for name in {each, path.name, bare.as_posix(), path.stem}:
            found[_fold(name)].append(each)
    return found


def _candidates(file: str, by_name: Mapping[str, list[str]]) -> list[str]:
    found = by_name.get(_fold(file), [])
    exact = [each for each in found if each == file]
    if exact or found:
        return exact or found
    # a path of the machine that the table was written on: its last part tells
    return by_name.get(_fold(PurePosixPath(file).name), [])


def _fold(name: str) -> str:
    return name.casefold().strip("/")


def _say(image: PlannedImage, *, several: bool, notes: Notes) -> None:
    if several:
        notes.say(
            image.cell,
            "several slides of the folder are called so.",
            expected="the path of one, from the folder of slides",
            remedy="Write its folder before its name.",
            column="file",
        )
        return
    notes.say(
        image.cell,
        "the slide of this row is not in the folder.",
        expected="a file or folder of that name",
        remedy="Put the slide there, or correct the name.",
        column="file",
    )
