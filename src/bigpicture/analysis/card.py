"""Make the model card of an algorithm from its manifest and from what was measured.

The questions come first: a card asks them of every algorithm of a kind, and what nobody measured
stays visible as a question without an answer. After Mitchell et al., Model Cards for Model
Reporting, 2019, doi 10.1145/3287560.3287596.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bigpicture.model.algorithm import Algorithm, Output, OutputKind
from bigpicture.model.card import Card, Claim
from bigpicture.model.evidence import Evidence, Measured

METRICS: Mapping[OutputKind, tuple[str, ...]] = {
    OutputKind.MASK: ("Dice",),
    OutputKind.HEATMAP: ("AUROC",),
    OutputKind.GEOMETRY: ("F1 at IoU 0.5",),
    OutputKind.FACET: ("agreement with a reference",),
    OutputKind.MEASUREMENTS: ("agreement with a reference",),
    OutputKind.FEATURES: ("AUROC of a task", "site predictability"),
}
"""What a reader asks of an output of each kind, at least."""

GROUPS = ("site", "scanner", "stain", "sex", "age")
"""By which figures may differ: asked of every algorithm."""


def make_card(algorithm: Algorithm, measured: Measured) -> Card:
    """The card of one version of an algorithm; evidence of outputs it has not is shown too."""
    given = measured.evidence
    return Card(
        f"{algorithm.title} {algorithm.version}",
        (*_facts(algorithm), *measured.facts, *_measured_with(algorithm, measured)),
        algorithm.description,
        (*_main(algorithm, given), *_by_group(given), *_others(algorithm, given)),
    )


def _facts(algorithm: Algorithm) -> Iterable[tuple[str, str]]:
    yield "Identifier", algorithm.id
    yield "Version", algorithm.version
    yield "Digest", algorithm.digest
    yield "Licence", algorithm.licence
    yield "Gives", "; ".join(map(_output, algorithm.outputs))
    low_high = algorithm.mpp
    yield "Scale of slides", f"{low_high[0]:g} to {low_high[1]:g} µm/px" if low_high else "any"
    yield "Stains", ", ".join(algorithm.stains) or "any"
    needs = (f"{each.algorithm} {each.version}".strip() for each in algorithm.needs)
    yield "Needs results of", ", ".join(needs) or "nothing"
    weights = (f"{each.path} (SHA-256 {each.sha256})" for each in algorithm.weights)
    yield "Weights", ", ".join(weights) or "none"


def _measured_with(algorithm: Algorithm, measured: Measured) -> Iterable[tuple[str, str]]:
    """Whether the figures are of this very code."""
    if measured.code and measured.evidence:
        is_same = measured.code == algorithm.code
        yield "Measured with", "this code" if is_same else f"earlier code (SHA-256 {measured.code})"


def _output(output: Output) -> str:
    more = [each for each in (output.unit, ", ".join(output.classes)) if each]
    return f"{output.name}, a {output.kind}" + (f" ({'; '.join(more)})" if more else "")


def _main(algorithm: Algorithm, given: Sequence[Evidence]) -> Iterable[Claim]:
    """For each output and metric, real and generated slides apart: neither stands for the other."""
    whole = [each for each in given if not each.subgroup]
    for output in algorithm.outputs:
        told = [each.metric for each in whole if each.output == output.name]
        for metric in dict.fromkeys(told or METRICS[output.kind]):
            for is_generated, where in ((False, "real"), (True, "generated")):
                found = tuple(
                    each
                    for each in whole
                    if (each.output, each.metric, each.is_generated)
                    == (output.name, metric, is_generated)
                )
                yield Claim(f"{metric} of {output.name} on {where} slides", found)


def _by_group(given: Sequence[Evidence]) -> Iterable[Claim]:
    for group in GROUPS:
        found = tuple(each for each in given if each.subgroup.partition(":")[0] == group)
        yield Claim(f"By {group}", found)


def _others(algorithm: Algorithm, given: Sequence[Evidence]) -> Iterable[Claim]:
    names = {output.name for output in algorithm.outputs}
    rest = tuple(
        each
        for each in given
        if (each.subgroup and each.subgroup.partition(":")[0] not in GROUPS)
        or (not each.subgroup and each.output not in names)
    )
    if rest:
        yield Claim("Further figures", rest)
