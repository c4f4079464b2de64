"""Every element of DICOM instances as a field, for the allow-list to judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from bigpicture.dicom.read import Instance
from bigpicture.model.allowance import Field

MAXIMUM_VALUE = 1 << 16
"""Characters of one field's value that are reported."""
_BINARY = frozenset({"OB", "OW", "OD", "OF", "OL", "OV", "UN"})


def fields_of(instances: Sequence[Instance]) -> Iterator[Field]:
    for instance in instances:
        yield from _walk(instance.header.file_meta, instance.place)
        yield from _walk(instance.header, instance.place)


def _walk(dataset: Dataset, place: str) -> Iterator[Field]:
    """Every element, those inside sequences too; a sequence is named by what lies in it."""
    for element in dataset:
        if element.tag.group == 0x0002 and not hasattr(dataset, "MediaStorageSOPClassUID"):
            continue
        where = f"{place} ({element.tag.group:04x},{element.tag.element:04x})"
        if element.VR == "SQ":
            for item in element.value:
                yield from _walk(item, place)
        else:
            yield Field(where, _field_name(element), _shown(element))


def _field_name(element: DataElement) -> str:
    group, number = element.tag.group, element.tag.element
    keyword = "" if element.tag.is_private else element.keyword
    return f"DICOM.{keyword or f'({group:04x},{number:04x})'}"


def _shown(element: DataElement) -> str:
    """The value's text; of binary values only what reads as text, for the scan to look for."""
    value = element.value
    if element.VR in _BINARY:
        is_profile = element.keyword == "ICCProfile"
        raw = bytes(value) if isinstance(value, bytes | bytearray) and not is_profile else b""
        text = raw[:MAXIMUM_VALUE].rstrip(b"\0 ").decode("latin-1")
        return text if text.isprintable() else ""
    if value is None:
        return ""
    parts = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return "\\".join(str(part) for part in parts)[:MAXIMUM_VALUE]
