"""Makes the parts of a staining: a procedure if it is chemical, a stain if it has a target."""

from __future__ import annotations

from bigpicture.model.attribute import Attribute
from bigpicture.preparation.attributes import code_or_string, members, string
from bigpicture.preparation.plan import Values
from bigpicture.preparation.stains import (
    CHEMICAL,
    HYBRIDIZATION,
    IMMUNOSTAINING,
    is_substance,
    is_targeted,
)

_ANTIBODY = "antibody"
_PROBE = "RNA"


def procedure_of(values: Values) -> tuple[Attribute, ...]:
    """PROCEDURE_INFORMATION of a chemical staining that names what was done."""
    stain = values.get("stain")
    if stain is None or is_targeted(values) or is_substance(stain):
        return ()
    return (string("staining_method", CHEMICAL), code_or_string("staining_procedure", stain))


def stains_of(values: Values) -> tuple[tuple[Attribute, ...], ...]:
    """The STAINs of a staining that has a target, or names only what was used."""
    stain = values.get("stain")
    if not is_targeted(values):
        if stain is None or not is_substance(stain):
            return ()
        return ((code_or_string("staining_compound", stain), string("staining_method", CHEMICAL)),)
    return (tuple(_targeted(values)),)


def _targeted(values: Values) -> list[Attribute]:
    method = str(values["stain_method"])
    compound = _ANTIBODY if method == IMMUNOSTAINING else _PROBE
    stated = [string("staining_compound", compound)]
    target = values.get("stain_target", values.get("stain"))
    if target is not None:
        stated.append(code_or_string("staining_target", target))
    stated.append(string("staining_method", method))
    for column, tag in (
        ("stain_reporter", "staining_reporter_type"),
        ("stain_reporter_color", "staining_reporter_color"),
    ):
        if column in values:
            stated.append(string(tag, str(values[column])))
    if method == HYBRIDIZATION:
        return stated
    named = (
        ("commercial_name", values.get("antibody")),
        ("antibody_vendor", values.get("antibody_vendor")),
    )
    held = [string(tag, str(value) if value else None) for tag, value in named]
    stated.append(members("antibody_information", held if any(v for _, v in named) else ()))
    return stated
