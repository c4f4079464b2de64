"""MetaFleX 3.0, of 2026: what it changes in 2.0.

Seven of its XSDs are public (common, dataset, sample, staining, image, observation, policy). The
schemas of annotation, observer, landing page, REMS and organisation are not: those classes are
read as 2.0 has them, with the files' digests of 3.0.
"""

from __future__ import annotations

from dataclasses import replace

from bigpicture.metaflex.form import Object, Part, Schema, Shape, reference, text
from bigpicture.metaflex.v2_0 import METAFLEX_2_0
from bigpicture.model.entity import EntityKind

NODES = (
    "Cancer node",
    "Clinical trial node",
    "Liver node",
    "Non-Clinical node",
    "Lung node",
    "Renal node",
    "Skin node",
    "Other",
)
"""The nodes that a dataset is reported under, agreed before the submission."""

_NODE = Part("BIGPICTURE_NODE", Shape.TEXT, values=NODES)
_LANDING_PAGE_REF = reference("LANDING_PAGE_REF", EntityKind.LANDING_PAGE, least=0)


def _dataset(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    changed: list[Part] = []
    for part in parts:
        match part.tag:
            case "METADATA_STANDARD":
                changed.append(text(part.tag, pattern=r"3\.0\.\d+"))
            case "IMAGE_REF":
                changed += [_NODE, part]
            case "ATTRIBUTES":
                changed += [_LANDING_PAGE_REF, part]
            case _:
                changed.append(part)
    return tuple(changed)


def _image(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(replace(each, most=1) if each.tag == "IMAGE_OF" else each for each in parts)


def _observation(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(each for each in parts if each.tag != "ANNOTATION_REF")


_CHANGES = {
    EntityKind.DATASET: _dataset,
    EntityKind.IMAGE: _image,
    EntityKind.OBSERVATION: _observation,
}


def _changed(each: Object) -> Object:
    change = _CHANGES.get(each.kind)
    return replace(each, parts=change(each.parts)) if change else each


METAFLEX_3_0 = Schema(
    "3.0",
    tuple(_changed(each) for each in METAFLEX_2_0.objects),
    digests=("unencrypted_checksum",),
)
