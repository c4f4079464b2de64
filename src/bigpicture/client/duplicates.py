"""Duplicates: slides that are one glass, by the fingerprints that runs gave, under your rights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bigpicture.analysis.duplicates import duplicates
from bigpicture.analysis.feature_table import read_features
from bigpicture.analysis.fingerprint import SIDE, Fingerprint
from bigpicture.client.run import FoundResult, Job
from bigpicture.model.errors import InputError

ALGORITHM = "core.fingerprint"
_WORD, _PICTURE = "fingerprint", "registered"


@dataclass(frozen=True, slots=True)
class Printed:
    """An image, its dataset, and its fingerprint."""

    image: str
    dataset: str
    print: Fingerprint


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two images of one glass; `likeness` is the correlation of their pictures, up to 1."""

    first: str
    first_dataset: str
    second: str
    second_dataset: str
    likeness: float

    @property
    def is_across(self) -> bool:
        """Whether they are in two datasets."""
        return self.first_dataset != self.second_dataset


def find_duplicates(jobs: Iterable[Job]) -> list[Duplicate]:
    """Every pair of one glass among the slides of runs of `core.fingerprint`, the likest first.

    An image that is in several of the runs counts once. Raises `InputError` for a run of something
    else, or of several versions, and what the node refuses with where a result has closed: what is
    found is of all slides, or nothing is told.
    """
    told = list(jobs)
    _check(told)
    printed: dict[str, Printed] = {}
    for job in told:
        for each in _printed(job):
            printed.setdefault(each.image, each)
    slides = list(printed.values())
    found = [
        Duplicate(
            slides[pair.first].image,
            slides[pair.first].dataset,
            slides[pair.second].image,
            slides[pair.second].dataset,
            pair.likeness,
        )
        for pair in duplicates([each.print for each in slides])
    ]
    return sorted(found, key=lambda each: (-each.likeness, each.first, each.second))


def _check(jobs: list[Job]) -> None:
    for job in jobs:
        if job.told["algorithm"] != ALGORITHM or not job.is_over:
            raise InputError(
                "this run gives no fingerprints, or goes on.",
                place=job.id,
                rule=f"runs of {ALGORITHM} that are over",
                remedy=f"Run it: bigpicture run {ALGORITHM} --cohort …",
            )
    if len({job.told["version"] for job in jobs}) > 1:
        raise InputError(
            "fingerprints of several versions are not compared.",
            place="runs",
            remedy="Run the newest version over all of the slides.",
        )


def _printed(job: Job) -> Iterable[Printed]:
    datasets = {slide["image"]: slide["dataset"] for slide in job.slides()}
    words: dict[str, str] = {}
    pictures: dict[str, FoundResult] = {}
    for result in job.results():
        if result.output == _WORD:
            words[result.image] = str(result.value)
        elif result.output == _PICTURE:
            pictures[result.image] = result
    for image, word in words.items():
        picture = read_features(pictures[image].read()).vectors
        print_ = Fingerprint(int(word, 16), picture.reshape(SIDE, SIDE).astype(np.uint8))
        yield Printed(image, datasets[image], print_)
