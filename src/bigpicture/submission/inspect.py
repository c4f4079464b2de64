"""Inspect: what one DICOM instance is, read in a child process that is not trusted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
import simplejpeg

from bigpicture.deidentify.check import check_instance
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.image_facts import instance_facts
from bigpicture.dicom.read import Instance, read_instance
from bigpicture.dicom.searched import Searched
from bigpicture.dicom.syntax import frame_media_type
from bigpicture.dicom.tiles import TiledInstance, open_tiles
from bigpicture.dicom.witness import witness_instance
from bigpicture.model.errors import LeakError, SlideError
from bigpicture.model.image import Flavour, Level
from bigpicture.model.slide_facts import InstanceFacts

PREVIEW_SIDE = 512
_PREVIEW_PIXELS = 48_000_000
"""Decoding this much takes about a second and 150 MB; the next coarser level is smaller anyway."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """The facts of an instance that the records keep.

    `index` are the bytes of its frame index, `preview` a JPEG of at most 512 pixels a side (empty
    where the level is too large to decode for that). `frames_root` is the Merkle root over the
    digests of its frames, as a second reader found them.
    """

    level: Level
    flavour: Flavour
    media_type: str
    transfer_syntax: str
    photometric: str
    sop_instance_uid: str
    series_instance_uid: str
    manufacturer: str
    model: str
    magnification: float | None
    frames_root: str
    index: bytes
    preview: bytes
    searched: Searched = field(default_factory=Searched)
    """Empty in a report that was written before searches were known."""
    facts: dict[str, Any] | None = None
    """What the header says, plain; None in a report that was written before it was compared."""

    @property
    def said(self) -> InstanceFacts | None:
        """Raises `IntegrityError` where the child that read it made something else of it."""
        return InstanceFacts.from_json(self.facts) if self.facts else None

    def as_json(self, *, index: str, preview: str | None) -> dict[str, Any]:
        """What goes into the file's report; index and preview lie in the objects named."""
        return {**asdict(self), "index": index, "preview": preview}

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Self:
        """Read it back, without index and preview."""
        own: dict[str, Any] = {name: facts[name] for name in cls.__slots__ if name in facts}
        own["level"] = Level(**facts["level"])
        own["flavour"] = Flavour(facts["flavour"])
        own["searched"] = Searched(**facts.get("searched", {}))
        own["index"] = own["preview"] = b""
        return cls(**own)


def inspect_instance(path: Path, place: str) -> Inspection:
    """Read an instance, check that it is clean by the allow-list, find its frames.

    `place` is how messages name the file. Raises `SlideError` or `LeakError`.
    """
    source = FileSource(path)
    instance = read_instance(source, place=place)
    findings = check_instance(source, place)
    if findings:
        raise LeakError(
            f"{len(findings)} things are not on the allow-list; the first: {findings[0].what}",
            place=findings[0].place,
            rule=findings[0].rule,
            remedy="Convert the slide with `bigpicture convert` or `bigpicture submit`.",
        )
    if instance.flavour is Flavour.LABEL:
        raise LeakError(
            "an image of flavour LABEL shows the label.",
            place=place,
            remedy="Leave it out; `bigpicture submit` does.",
        )
    if instance.samples == 3 and instance.bits != 8:
        raise SlideError(
            f"its colours have {instance.bits} bits.",
            place=place,
            rule="PS3.3 C.8.12.4: RGB of 8 bits, or grey of 8 or 16",
            remedy="Write it with 8 bits a colour.",
        )
    tiled = open_tiles(source, place=place)
    if instance.level.mpp_x <= 0 or instance.level.mpp_y <= 0:
        raise SlideError(
            "the instance states no pixel spacing.", place=place, rule="PS3.3 C.7.6.16"
        )
    header = instance.header
    return Inspection(
        level=instance.level,
        flavour=instance.flavour,
        media_type=frame_media_type(instance.transfer_syntax),
        transfer_syntax=str(instance.transfer_syntax),
        photometric=instance.photometric,
        sop_instance_uid=str(header.SOPInstanceUID),
        series_instance_uid=str(header.SeriesInstanceUID),
        manufacturer=str(header.get("Manufacturer", "") or ""),
        model=str(header.get("ManufacturerModelName", "") or ""),
        magnification=_magnification(header),
        frames_root=witness_instance(path, place=place).frames_root,
        index=tiled.index.to_bytes(),
        preview=_preview(tiled),
        searched=Searched.of(header),
        facts=_facts(instance, source.size),
    )


def _facts(instance: Instance, size: int) -> dict[str, Any]:
    """What the header says, as it may leave a child process."""
    stored = size - instance.pixel_element.value
    try:
        return instance_facts(instance.header, stored).as_json()
    except Exception as error:
        raise SlideError(
            f"the header cannot be read ({type(error).__name__}).",
            place=instance.place,
            remedy="It is damaged: export it again.",
        ) from error


def _preview(tiled: TiledInstance) -> bytes:
    level = tiled.instance.level
    if level.columns * level.rows > _PREVIEW_PIXELS:
        return b""
    pixels = tiled.region(0, 0, level.columns, level.rows)
    scale = min(1.0, PREVIEW_SIDE / max(level.columns, level.rows))
    size = (max(1, round(level.columns * scale)), max(1, round(level.rows * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return simplejpeg.encode_jpeg(np.ascontiguousarray(small), quality=88, colorspace="RGB")


def _magnification(header: Any) -> float | None:  # noqa: ANN401 - a pydicom dataset
    for path in header.get("OpticalPathSequence", None) or []:
        power = path.get("ObjectiveLensPower", None)
        if power not in (None, ""):
            return float(power)
    return None
