"""The DICOM JSON Model (PS3.18 annex F): a header as JSON, large values by their address."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from bigpicture.model.errors import UnknownError

INLINE_BYTES = 4096
"""A larger value is told by its address; most colour profiles are smaller."""
JsonModel = dict[str, Any]

_BYTES = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_REAL = frozenset({"DS", "FD", "FL"})


def as_json(header: Dataset, address: Callable[[str], str], *, path: str = "") -> JsonModel:
    """A header without its group 2; `address` gives the address of a value by its path.

    A path is tags and item numbers from 1, `00480105/1/00282000` for the first optical path's
    colour profile.
    """
    told: JsonModel = {}
    for element in header:
        if element.tag.group == 0x0002:
            continue
        name = f"{element.tag:08X}"
        told[name] = _element(element, address, f"{path}{name}")
    return told


def _element(element: DataElement, address: Callable[[str], str], path: str) -> JsonModel:
    if element.VR == "SQ":
        items = [
            as_json(item, address, path=f"{path}/{number}/")
            for number, item in enumerate(element.value, start=1)
        ]
        return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
    if element.VR in _BYTES and len(element.value or b"") > INLINE_BYTES:
        return {"vr": str(element.VR), "BulkDataURI": address(path)}
    told = element.to_json_dict(None, 0)
    told["vr"] = str(told["vr"])
    if element.VR in _REAL and "Value" in told:
        told["Value"] = [_finite(value) for value in told["Value"]]
    return told


def _finite(value: Any) -> Any:  # noqa: ANN401 - a number, or nothing
    """JSON has no word for what is no finite number: its name (F.2.2)."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    return value


def find_bytes(header: Dataset, path: str) -> bytes:
    """The binary value at a path as `as_json` writes it; raises `UnknownError`."""
    *sequences, last = path.split("/")
    try:
        for tag, number in zip(sequences[::2], sequences[1::2], strict=True):
            header = header[int(tag, 16)].value[int(number) - 1]
        element = header[int(last, 16)]
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        element = None
    if element is None or element.VR not in _BYTES or not element.value:
        raise UnknownError("there is no such bulk data.", rule="BulkDataURI of the metadata")
    return bytes(element.value)
