"""Descriptions of algorithms made for elsewhere, read as manifests of ours."""

from __future__ import annotations

from bigpicture.analysis.adapt.foreign import import_foreign
from bigpicture.analysis.adapt.imported import Imported, LeftOut

__all__ = ["Imported", "LeftOut", "import_foreign"]
