"""Fields of terms: those that images have each for itself, those that a dataset's images share."""

from __future__ import annotations

from bigpicture.model.field import FIELDS, FieldKind

OF_DATASET = ("dataset", "type", "tier", "use", "node", "country")
"""Fields of terms that all images of a dataset share."""
COLUMNS = tuple(
    name
    for name, each in FIELDS.items()
    if each.kind is FieldKind.TERM and name not in (*OF_DATASET, "image")
)
"""Fields of terms that images have each for itself."""
