"""What an NDPI's directories say beside the pixels, as fields that rules can judge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bigpicture.dicom.ndpi_file import STARTS, STARTS_HIGH, NdpiDirectory
from bigpicture.model.allowance import Field

PROPERTIES = 65449

# Tags by the names that OpenSlide and tifffile give them; those of no known meaning keep their
# number.
NAMES = {
    65324: "OffsetHighBytes", 65325: "ByteCountHighBytes", 65420: "FileFormat",
    65421: "SourceLens", 65422: "XOffsetFromSlideCentre", 65423: "YOffsetFromSlideCentre",
    65424: "ZOffsetFromSlideCentre", 65425: "TissueIndex", 65426: "McuStarts",
    65427: "Reference", 65428: "AuthCode", 65432: "McuStartsHighBytes", 65434: "Fluorescence",
    65435: "ExposureRatio", 65436: "RedMultiplier", 65437: "GreenMultiplier",
    65438: "BlueMultiplier", 65439: "FocusPoints", 65440: "FocusPointRegions",
    65441: "CaptureMode", 65442: "ScannerSerialNumber", 65444: "JpegQuality",
    65445: "RefocusInterval", 65446: "FocusOffset", 65447: "BlankLines",
    65448: "FirmwareVersion", 65449: "Properties", 65450: "LabelObscured", 65451: "Wavelength",
    65453: "LampAge", 65454: "ExposureTime", 65455: "FocusTime", 65456: "ScanTime",
    65457: "WriteTime", 65458: "FullyAutoFocus", 65500: "DefaultGamma",
}  # fmt: skip
_LINES = re.compile(r"[\r\n\0]+")


def directory_fields(directory: NdpiDirectory) -> Iterator[Field]:
    """Hamamatsu's own tags as `Hamamatsu.<name>`, the lines of its text too; others as `TIFF.`."""
    for code, tag in directory.tags.items():
        if not directory.is_private(code):
            yield from replace(directory, tags={code: tag}).fields()
            continue
        name = NAMES.get(code, str(code))
        place = f"{directory.place} {name}"
        if code in {STARTS, STARTS_HIGH}:
            yield Field(place, f"Hamamatsu.{name}", "")  # where pixels lie
        elif code == PROPERTIES:
            yield from _properties(directory.text(code), place)
        else:
            shown = next(replace(directory, tags={code: tag}).fields())
            yield Field(place, f"Hamamatsu.{name}", shown.value)


def _properties(text: str, place: str) -> Iterator[Field]:
    """Lines of `key=value`; those of a block on shading begin with a semicolon."""
    for line in _LINES.split(text):
        key, sign, value = line.partition("=")
        key = key.strip()
        # A prefix of their own: a line must not pass for the tag that a rule keeps.
        name = f"Shading.{key[1:]}" if key.startswith(";") else f"Properties.{key}"
        if line.strip():
            yield Field(place, f"Hamamatsu.{name if sign else 'Text'}", value if sign else line)
