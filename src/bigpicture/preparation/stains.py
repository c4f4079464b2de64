"""Understands the columns of a stain: one procedure, or an antibody with its reporter."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bigpicture.model.code import Code
from bigpicture.model.finding import Severity
from bigpicture.preparation.meaning import NA, Meaning
from bigpicture.preparation.notes import Notes
from bigpicture.preparation.table import Cell
from bigpicture.standard.msmdad.staining import METHODS
from bigpicture.standard.vocabularies import HGNC

CHEMICAL, IMMUNOSTAINING, HYBRIDIZATION = METHODS
_SUBSTANCE = re.compile(r"\(substance\)$|\bstain$", re.IGNORECASE)


def staining_of(values: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """The stain of a slide, its method and target made explicit: a gene tells an immunostain."""
    told: dict[str, Meaning] = {name: value for name, value in values.items() if value is not NA}
    stain = told.get("stain")
    if isinstance(stain, Code) and stain.scheme == HGNC:
        told.setdefault("stain_target", stain)
        del told["stain"]
    if "stain_method" not in told and ("stain" in told or "stain_target" in told):
        told["stain_method"] = IMMUNOSTAINING if "stain_target" in told else CHEMICAL
    return told


def is_targeted(staining: Mapping[str, Meaning]) -> bool:
    return staining.get("stain_method", CHEMICAL) != CHEMICAL


def is_substance(code: Meaning) -> bool:
    """Whether a code of a stain names what is used (a compound) and not what is done."""
    return _SUBSTANCE.search(str(code)) is not None


def check_stain(
    staining: Mapping[str, Meaning],
    slide: Cell,
    stated: Mapping[str, tuple[Meaning, Cell]],
    notes: Notes,
) -> bool:
    """Say what the stain of a slide lacks; whether it can be described at all."""
    cells = [cell for _, cell in stated.values()]
    place = stated["stain"][1] if "stain" in stated else (cells or [slide])[0]
    if "stain" not in staining and "stain_target" not in staining:
        notes.say(
            place,
            "the stain is missing, or not known.",
            expected="H&E, the marker of an immunostain, a code …",
            remedy="Fill the column Stain.",
            column="stain",
            rule="12.2.6",
        )
        return False
    if not is_targeted(staining):
        return True
    for name, rule, heading in (
        ("stain_target", "12.2.2", "Target"),
        ("stain_reporter", "12.2.4", "Reporter"),
        ("stain_reporter_color", "12.2.5", "Reporter colour"),
    ):
        if name not in staining:
            notes.say(
                place,
                f"{heading} of a targeted stain is missing.",
                expected=f"the column {heading}",
                remedy="Fill it in.",
                column=name,
                rule=rule,
                severity=Severity.WARNING,
            )
    return True
