"""Import: which kind of description it is, and who reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from bigpicture.analysis.adapt.ead import from_ead
from bigpicture.analysis.adapt.imported import Imported
from bigpicture.analysis.adapt.monai import METADATA_PLACE, from_monai
from bigpicture.analysis.adapt.slicer import from_slicer
from bigpicture.model.errors import InputError

_LARGEST = 4 << 20


def import_foreign(source: Path) -> Imported:
    """Read a description: EMPAIA's JSON, Slicer's XML, or the folder of a MONAI bundle.

    Raises `InputError` where it is none of them, or nothing of what it gives fits.
    """
    if source.is_dir():
        place = source / METADATA_PLACE
        if not place.is_file():
            raise _unknown(source)
        return from_monai(_read_json(place), source)
    if not source.is_file():
        raise InputError("there is no such file.", place=source.name)
    if source.suffix.lower() == ".xml":
        return from_slicer(_read(source), place=source.name)
    told = _read_json(source)
    if "namespace" not in told or ("inputs" not in told and "io" not in told):
        raise _unknown(source)
    return from_ead(told)


def _read(place: Path) -> bytes:
    if place.stat().st_size > _LARGEST:
        raise InputError("this description is too long.", place=place.name, rule="4 MiB")
    return place.read_bytes()


def _read_json(place: Path) -> dict[str, Any]:
    try:
        told = json.loads(_read(place))
    except (ValueError, RecursionError) as error:
        raise InputError("this is no JSON.", place=place.name) from error
    if not isinstance(told, dict):
        raise _unknown(place)
    return cast("dict[str, Any]", told)


def _unknown(place: Path) -> InputError:
    return InputError(
        "this describes no algorithm in a format that is read here.",
        place=place.name,
        rule="an EMPAIA app description (.json), a Slicer CLI (.xml), a MONAI bundle (folder)",
    )
