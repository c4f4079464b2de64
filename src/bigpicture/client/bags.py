"""Bags of a run: the features that it gave for each slide, with what was stated of the slide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bigpicture.analysis.feature_table import read_features
from bigpicture.analysis.mil.bag import Bag, bag_of
from bigpicture.analysis.mil.label import Stated, labelled
from bigpicture.client.run import FoundResult, Job
from bigpicture.model.algorithm import OutputKind
from bigpicture.model.errors import InputError
from bigpicture.model.inheritance import Qualifier


@dataclass(frozen=True, slots=True)
class LabelledBags:
    """Bags with their classes, and what a model of them needs to be run.

    `features` and `version` are the algorithm that gave the features; `unlabelled` counts slides
    that no word of the classes was stated of; `groups` has of each image the stain and the scanner.
    """

    bags: tuple[Bag, ...]
    classes: tuple[str, ...]
    features: str
    version: str
    unlabelled: int
    groups: dict[str, dict[str, str]]

    def group(self, name: str, bag: Bag) -> str:
        """The value of a group (`stain`) that a bag is in."""
        return self.groups[bag.images[0]][name]


def bags(
    job: Job, classes: Sequence[str], *, output: str = "features", candidates: bool = False
) -> LabelledBags:
    """The bags of a run of yours that gave features; `classes` are codes or meanings stated.

    A bag is all patches of a slide. Confirmed words only, unless `candidates`: then slides of which
    one, nobody knows which, is known to be of a class make one bag. Slides are of one being where
    their dataset says so. Raises `InputError` where the run gave no features, or with parameters
    that no later run would have, and what the node refuses with: a slide that closed stops it.
    """
    _check(job, classes)
    made: list[Bag] = []
    stated: list[Stated] = []
    groups: dict[str, dict[str, str]] = {}
    for result in job.results(output):
        if result.told["kind"] != OutputKind.FEATURES:
            break
        told = job.node.get(f"/api/v1/images/{result.image}")
        made.append(_bag(result, told))
        stated += _stated(told, classes)
        groups[result.image] = {"stain": told["stain"], "scanner": _scanner(told)}
    if not made:
        raise InputError(
            "this run gave no features.",
            place=f"{job.id} {output}",
            remedy="Run an algorithm that gives features, such as org.bigpicture.features.",
        )
    found = labelled(made, stated, classes, with_candidates=candidates)
    if not found:
        raise InputError(
            "no slide of this run has a class.",
            place=", ".join(classes)[:200],
            rule="codes or meanings that were stated of the slides; confirmed ones, or candidates",
            remedy="`bigpicture search --facets diagnosis` counts what was stated.",
        )
    used = {image for bag in found for image in bag.images}
    return LabelledBags(
        tuple(found),
        tuple(classes),
        job.told["algorithm"],
        job.told["version"],
        len(made) - len(used),
        groups,
    )


def _check(job: Job, classes: Sequence[str]) -> None:
    if len(classes) < 2 or len({each.casefold() for each in classes}) != len(classes):
        raise InputError("a model tells two classes or more apart.", place="classes")
    name, number = job.told["algorithm"], job.told["version"]
    version = job.node.get(f"/api/v1/algorithms/{name}/versions/{number}")
    usual = {
        name: schema["default"]
        for name, schema in version["parameters"].items()
        if "default" in schema
    }
    if job.told["parameters"] != usual:
        raise InputError(
            "the features were computed with parameters of your own.",
            place=job.id,
            rule="a model is given features that were computed with the defaults",
            remedy="Run the algorithm without --set, and learn from that.",
        )


def _bag(result: FoundResult, told: dict[str, Any]) -> Bag:
    being = told["being"]["alias"] if told["being"] else result.image
    dataset = told["dataset"]["accession"]
    return bag_of(result.image, read_features(result.read()), being=f"{dataset} {being}")


def _stated(told: dict[str, Any], classes: Sequence[str]) -> Iterator[Stated]:
    for each in told["observations"]:
        words = {
            word.casefold() for code in each["codes"] for word in (code["code"], code["meaning"])
        }
        entity = f"{told['dataset']['accession']} {each['on']}"
        for label in classes:
            if label.casefold() in words:
                yield Stated(told["accession"], label, Qualifier(each["qualifier"]), entity)


def _scanner(told: dict[str, Any]) -> str:
    scanner = told["scanner"] or {}
    return " ".join(filter(None, (scanner.get("manufacturer"), scanner.get("model")))) or "not told"
