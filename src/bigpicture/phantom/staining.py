"""Stainings of a study as exchange XML: chemical, or an antibody with its reporter."""

from __future__ import annotations

from bigpicture.metaflex.build import (
    attributes,
    code_attribute,
    entity,
    set_attribute,
    string_attribute,
)
from bigpicture.metaflex.tree import Element
from bigpicture.model.entity import EntityKind
from bigpicture.phantom import terms
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.study import Study


def stains(study: Study) -> list[Stain]:
    return list(dict.fromkeys(slide.stain for slide in study.slides))


def staining_alias(stain: Stain) -> str:
    return f"staining-{stain.value}"


def stain_name(stain: Stain) -> str:
    if stain is Stain.HE:
        return terms.HE_METHOD.meaning
    return (terms.HER2 if stain is Stain.HER2 else terms.KI67).meaning


def staining(stain: Stain) -> Element:
    chemical = string_attribute("staining_method", "chemical")
    if stain is Stain.HE:
        parts = [
            attributes(
                [chemical, code_attribute("staining_procedure", terms.HE_METHOD)],
                tag="PROCEDURE_INFORMATION",
            )
        ]
        return entity(EntityKind.STAINING, staining_alias(stain), parts)
    target = terms.HER2 if stain is Stain.HER2 else terms.KI67
    marker = [
        string_attribute("staining_compound", terms.ANTIBODY),
        code_attribute("staining_target", target),
        string_attribute("staining_method", "immunostaining"),
        string_attribute("staining_reporter_type", "chromogen"),
        string_attribute("staining_reporter_color", "brown"),
        set_attribute("antibody_information", None),
    ]
    counter = [code_attribute("staining_compound", terms.HAEMATOXYLIN), chemical]
    parts = [attributes(marker, tag="STAIN"), attributes(counter, tag="STAIN")]
    return entity(EntityKind.STAINING, staining_alias(stain), parts)
