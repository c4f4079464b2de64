"""Fields that are read out of what an object states: what they say has to be stated."""

from __future__ import annotations

from collections.abc import Mapping

from bigpicture.model.attribute import find
from bigpicture.model.entity import Entity, EntityKind
from bigpicture.model.errors import MetadataError

_STATED: Mapping[EntityKind, Mapping[str, tuple[tuple[str, ...], ...]]] = {
    EntityKind.POLICY: {"policy": (("type_of_dataset",),)},
    EntityKind.BEING: {
        "sex": (("sex",),),
        "species": (("animal_species",),),
        "strain": (("animal_strain",),),
        "control": (("control_terminology",),),
        "termination": (("termination_status",),),
    },
    EntityKind.SPECIMEN: {
        "sites": (("anatomical_site",), ("anatomical_site_list", "anatomical_site")),
        "extraction": (("extraction_method",),),
        "fixation": (("fixation_type",),),
        "specimen_type": (("specimen_type",),),
        "age_start": (("age_at_extraction", "interval_start"),),
        "age_length": (("age_at_extraction", "interval_length"),),
    },
    EntityKind.BLOCK: {"preparation": (("block_preparation",),)},
}
"""Field to the paths it may be read from; any one of them will do."""


def check_is_stated(entity: Entity) -> None:
    """Raise `MetadataError` where a field says what no attribute states: it would not be written.

    What an attribute says wins over the field, which a reader works out anew.
    """
    for name, paths in _STATED.get(entity.kind, {}).items():
        if getattr(entity, name) and not any(find(entity.stated, *path) for path in paths):
            raise MetadataError(
                f"{name} of {entity} is among its fields and not among what it states.",
                place=str(entity.place),
                rule="an entity is written from its attributes",
                remedy=f"Add an attribute {'/'.join(paths[0])}.",
            )
