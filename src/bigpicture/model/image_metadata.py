"""What the metadata say of one image: its slides, its files, its scanner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bigpicture.model.attribute import Measurement, find
from bigpicture.model.data_file import DataFile
from bigpicture.model.entity import Entity, EntityKind, Reference
from bigpicture.model.units import canonical_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Entity):
    """MSMdad 6. Sizes are pixels, spacing is micrometres per pixel; None where nothing is stated.

    The pixels themselves decide; these are the contributor's claims.
    """

    kind: ClassVar[EntityKind] = EntityKind.IMAGE

    slides: tuple[Reference, ...]
    is_gross: bool = False
    files: tuple[DataFile, ...] = ()
    remark: str = ""
    """Text inside WSI_IMAGE or GROSS_IMAGE, which the format leaves open and some fill."""

    @property
    def manufacturer(self) -> str | None:
        return self._text("scanner_manufacturers_name")

    @property
    def model(self) -> str | None:
        return self._text("manufacturers_model_name")

    @property
    def columns(self) -> int | None:
        return self._count("image_shape", "image_width")

    @property
    def rows(self) -> int | None:
        return self._count("image_shape", "image_height")

    @property
    def mpp_x(self) -> float | None:
        return self._micrometres("pixel_spacing", "horizontal")

    @property
    def mpp_y(self) -> float | None:
        return self._micrometres("pixel_spacing", "vertical")

    def _text(self, *path: str) -> str | None:
        attribute = find(self.stated, *path)
        return attribute.text if attribute else None

    def _count(self, *path: str) -> int | None:
        attribute = find(self.stated, *path)
        number = attribute.number if attribute else None
        return int(number) if number is not None else None

    def _micrometres(self, *path: str) -> float | None:
        attribute = find(self.stated, *path)
        if attribute is None or not isinstance(attribute.value, Measurement):
            return None
        factor = {"micrometers": 1, "mm": 1000}.get(canonical_unit(attribute.value.units))
        return None if factor is None else float(attribute.value.value) * factor
