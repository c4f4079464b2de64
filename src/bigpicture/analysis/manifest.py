"""The manifest of an algorithm: `algorithm.toml`, read at the door."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from pydantic import ValidationError

from bigpicture.analysis.manifest_shapes import (
    ManifestShape,
    OutputShape,
    ResourcesShape,
    ResultShape,
    SlideShape,
    bytes_of,
    seconds_of,
)
from bigpicture.analysis.parameters import check_parameter
from bigpicture.model.algorithm import (
    Algorithm,
    Needs,
    Output,
    OutputKind,
    Resources,
    Weights,
)
from bigpicture.model.errors import AlgorithmError, InputError

MANIFEST_NAME = "algorithm.toml"
LARGEST_BYTES = 1 << 20
_MPP_ERROR = 1.01
"""What a slide may be off the scale that an algorithm reads at."""


def read_manifest(text: str, *, place: str = MANIFEST_NAME) -> Algorithm:
    """The algorithm that a manifest describes; its `code` is not known from it.

    Raises `InputError` naming the field that breaks a rule, and which.
    """
    if len(text) > LARGEST_BYTES:
        raise InputError("this manifest is too long.", place=place, rule=f"{LARGEST_BYTES} bytes")
    try:
        told = ManifestShape.model_validate(tomllib.loads(text))
        slide = SlideShape.model_validate(told.input.get("slide", {}))
        needed = {name: each for name, each in told.input.items() if name != "slide"}
        needs = {name: ResultShape.model_validate(each) for name, each in needed.items()}
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"this is no TOML: {error}.", place=place) from error
    except ValidationError as error:
        raise _told(error, place) from error
    algorithm = _algorithm(told, slide, needs)
    _check_defaults(algorithm, place)
    return algorithm


def _algorithm(
    told: ManifestShape, slide: SlideShape, needs: Mapping[str, ResultShape]
) -> Algorithm:
    about = told.algorithm
    return Algorithm(
        about.id,
        about.version,
        about.title,
        about.licence,
        about.entry,
        tuple(_output(name, each) for name, each in told.output.items()),
        tuple(Needs(name, *_at(each.result)) for name, each in needs.items()),
        {name: each.model_dump(exclude_unset=True) for name, each in told.parameters.items()},
        mpp=_mpp(slide.mpp),
        stains=tuple(slide.stains),
        resources=_resources(told.resources),
        weights=tuple(Weights(each.path, each.sha256) for each in told.weights),
        card=(told.card and told.card.file) or "",
        evidence=(told.card and told.card.evidence) or "",
        image=about.image,
        description=about.description,
    )


def _output(name: str, told: OutputShape) -> Output:
    ranged = (told.range[0], told.range[1]) if told.range else None
    return Output(
        name, OutputKind(told.type), told.unit, told.mpp, ranged, tuple(told.classes)
    )  # fmt: skip


def _at(result: str) -> tuple[str, str]:
    name, _, version = result.partition("@")
    return name, version


def _mpp(told: float | list[float] | None) -> tuple[float, float] | None:
    """A single number is what it reads at: any slide at least as fine will do."""
    if told is None:
        return None
    found = (0.0, told * _MPP_ERROR) if isinstance(told, float | int) else tuple(told)
    if len(found) != 2 or not 0 <= found[0] < found[1] < 1000:
        raise InputError(
            "this is no scale.", place="input.slide.mpp", rule="0.5, or [0.2, 0.6], in µm per pixel"
        )
    return found[0], found[1]


def _resources(told: ResourcesShape) -> Resources:
    return Resources(
        told.cpu,
        bytes_of(told.memory),
        seconds_of(told.timeout),
        told.processes,
        bytes_of(told.scratch),
    )


def _check_defaults(algorithm: Algorithm, place: str) -> None:
    for name, value in algorithm.defaults().items():
        try:
            check_parameter(name, algorithm.parameters[name], value)
        except AlgorithmError as error:
            raise InputError(
                error.what, place=f"{place}: parameters.{name}.default", rule=error.rule
            ) from error
    for need in algorithm.needs:
        need.is_met_by("0.0.0")  # raises where its version is no specification


def _told(error: ValidationError, place: str) -> InputError:
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"]))
    more = len(error.errors()) - 1
    others = f" ({more} more like it)" if more else ""
    return InputError(
        f"this field of the manifest is wrong{others}: {first['msg']}.",
        place=f"{place}: {field}",
        remedy="See docs/algorithms.md for what each field may be.",
    )
