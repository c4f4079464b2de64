"""MONAI bundles: a folder with `configs/metadata.json` and exported weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from bigpicture.analysis.adapt.imported import (
    Gathering,
    Imported,
    id_of,
    name_of,
    version_of,
)
from bigpicture.analysis.weights import digest_of
from bigpicture.model.algorithm import Output, OutputKind, Weights
from bigpicture.model.errors import InputError

METADATA_PLACE = "configs/metadata.json"
_WEIGHTS = ("models/model.onnx", "models/model.ts")
_PICKLED = "models/model.pt"
_KINDS: Mapping[str, OutputKind] = {
    "labels": OutputKind.MASK,
    "segmentation": OutputKind.MASK,
    "classes": OutputKind.HEATMAP,
    "magnitude": OutputKind.HEATMAP,
    "probabilities": OutputKind.HEATMAP,
    "latent": OutputKind.FEATURES,
    "points": OutputKind.GEOMETRY,
}
"""By what a tensor's `format` says (MONAI Bundle Specification)."""


def from_monai(told: Mapping[str, Any], folder: Path) -> Imported:
    """Read one; raises `InputError` where it takes no colour pictures, or nothing fits."""
    found = Gathering()
    tensors = _mapping(told.get("network_data_format"))
    _check_inputs(_mapping(tensors.get("inputs")), found)
    for name, each in _mapping(tensors.get("outputs")).items():
        _read_output(name, _mapping(each), found)
    if not found.outputs:
        raise InputError("none of its outputs fits.", place="network_data_format.outputs")
    _read_weights(folder, found)
    for name in ("changelog", "eval_metrics", "data_source", "references"):
        if told.get(name):
            found.leave(name, "put it into the model card")
    title = str(told.get("name") or told.get("task") or folder.name)
    return found.done(
        name=id_of(folder.resolve().name, otherwise="monai"),
        version=version_of(str(told.get("version") or "")),
        title=title,
        licence=_licence(folder),
        description=str(told.get("description") or ""),
        written_as="MONAI bundle",
    )


def _check_inputs(inputs: Mapping[str, Any], found: Gathering) -> None:
    images = {name: _mapping(each) for name, each in inputs.items()}
    colour = [name for name, each in images.items() if each.get("num_channels") == 3]
    if not colour:
        raise InputError(
            "it does not take colour pictures.",
            place="network_data_format.inputs",
            rule="an image of three channels",
        )
    for name in images:
        if name != colour[0]:
            found.leave(
                f"network_data_format.inputs.{name}", "beside the slide it is given parameters only"
            )
    shape = images[colour[0]].get("spatial_shape")
    found.leave(
        f"network_data_format.inputs.{colour[0]}",
        f"the size of its patches ({shape}) and their µm per pixel are for your function: "
        "slide.tiles(mpp=…, size=…)",
    )


def _read_output(name: str, each: Mapping[str, Any], found: Gathering) -> None:
    place = f"network_data_format.outputs.{name}"
    form = str(each.get("format") or "")
    kind = _KINDS.get(form) or _KINDS.get(str(each.get("type") or ""))
    if kind is None or len(each.get("spatial_shape") or ()) > 2:
        found.leave(place, f"a tensor of format {form!r} has no place here")
        return
    classes: tuple[str, ...] = ()
    if kind is OutputKind.MASK:
        defined = _mapping(each.get("channel_def"))
        classes = tuple(str(defined[key]) for key in sorted(defined, key=_number) if _number(key))
    told = each.get("value_range")
    is_range = isinstance(told, list) and len(cast("list[Any]", told)) == 2
    ranged = (float(told[0]), float(told[1])) if is_range and told else None
    if kind not in (OutputKind.HEATMAP, OutputKind.FACET):
        ranged = None
    found.outputs.append(Output(name_of(name), kind, range=ranged, classes=classes))


def _read_weights(folder: Path, found: Gathering) -> None:
    for place in _WEIGHTS:
        if (folder / place).is_file() and not (folder / place).is_symlink():
            found.weights.append(Weights(place, digest_of(folder / place)))
            break
    if (folder / _PICKLED).is_file():
        found.leave(_PICKLED, "a pickle runs code when it is read; export ONNX or TorchScript")


def _licence(folder: Path) -> str:
    for name in ("LICENSE", "docs/license.txt", "docs/LICENSE"):
        place = folder / name
        if place.is_file() and place.stat().st_size < 1 << 20:
            lines = place.read_text(encoding="utf-8", errors="replace").split("\n")
            return next((line.strip() for line in lines if line.strip()), "")
    return ""


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _number(key: str) -> int:
    return int(key) if str(key).isdecimal() else 0
