"""Train: split bags by being, fit a model, and measure it on beings that it never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bigpicture.analysis.mil.apart import apart
from bigpicture.analysis.mil.bag import Bag
from bigpicture.analysis.mil.evaluate import evaluate
from bigpicture.analysis.mil.fit import Told, fit
from bigpicture.analysis.mil.fitted import Fitted
from bigpicture.analysis.mil.outputs import told_classes
from bigpicture.analysis.mil.training import Training
from bigpicture.model.errors import InputError
from bigpicture.model.evidence import Evidence, Measured

PARTS = "train:0.5,tune:0.2,test:0.3"
_SIDES = ("train", "tune", "test")


@dataclass(frozen=True, slots=True)
class Trained:
    """A fitted model and what was measured of it, as its card tells."""

    fitted: Fitted
    measured: Measured


def train(
    bags: Sequence[Bag],
    training: Training,
    *,
    on: str,
    is_generated: bool,
    parts: str = PARTS,
    seed: str = "",
    groups: Mapping[str, Callable[[Bag], str]] | None = None,
    tell: Told | None = None,
) -> Trained:
    """Fit a model to the parts `train` and `tune` of some bags, and measure it on `test`.

    `on` names the data with their version; `is_generated` says that a program drew them, which
    stands beside each figure. `groups` as in `evaluate`. The same bags and seed give the same
    parts and weights on one machine. Raises `InputError` where a part is missing or empty.
    """
    sides = apart(bags, parts, seed=seed)
    missing = [name for name in _SIDES if not sides.get(name)]
    if missing:
        raise InputError(
            f"no bag came to {', '.join(missing)}.",
            place="parts",
            rule=f"{', '.join(_SIDES)}: some beings in each",
            remedy="Take more slides, or other shares.",
        )
    fitted = fit(sides["train"], sides["tune"], training, tell=tell)
    found = evaluate(fitted, sides["test"], on=on, is_generated=is_generated, groups=groups)
    names = {training.classes[at]: name for at, name in told_classes(training.classes)}
    evidence = tuple(replace(each, output=names[each.output]) for each in found)
    return Trained(fitted, Measured(evidence, tuple(_facts(training, sides, on, is_generated))))


def _facts(
    training: Training, sides: Mapping[str, Sequence[Bag]], on: str, is_generated: bool
) -> list[tuple[str, str]]:
    told = [("Model", training.model), ("Classes", ", ".join(training.classes))]
    kind = "generated slides" if is_generated else "slides"
    for name, what in (("train", "Learned from"), ("tune", "Stopped by")):
        images = sum(len(bag.images) for bag in sides[name])
        beings = len({bag.being for bag in sides[name]})
        told.append((what, f"{images:,} {kind} of {beings:,} beings: {on}"))
    return told


def figures(trained: Trained) -> list[Evidence]:
    """What was measured of all slides, without the groups."""
    return [each for each in trained.measured.evidence if not each.subgroup]
