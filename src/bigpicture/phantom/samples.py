"""Beings, cases, specimens, blocks and slides of a study as exchange XML."""

from __future__ import annotations

from bigpicture.metaflex.build import (
    code_attribute,
    entity,
    reference,
    set_attribute,
    string_attribute,
)
from bigpicture.metaflex.tree import Element
from bigpicture.model.entity import EntityKind
from bigpicture.phantom import terms
from bigpicture.phantom.staining import staining_alias
from bigpicture.phantom.study import Specimen, Study


def beings(study: Study) -> list[Element]:
    made: list[Element] = []
    for being in study.beings:
        stated = [
            string_attribute("sex", being.sex),
            code_attribute("animal_species", being.species),
        ]
        if being.strain:
            stated += [
                code_attribute("animal_strain", being.strain),
                code_attribute("termination_status", being.ended),
                string_attribute("control_terminology", being.control),
            ]
        made.append(entity(EntityKind.BEING, being.alias, stated=stated))
    return made


def cases(study: Study) -> list[Element]:
    return [
        entity(EntityKind.CASE, case, [reference("BIOLOGICAL_BEING_REF", being)])
        for case, being in study.cases.items()
    ]


def specimens(study: Study) -> list[Element]:
    return [_specimen(specimen) for specimen in study.specimens]


def _specimen(specimen: Specimen) -> Element:
    parts = [reference("EXTRACTED_FROM_REF", specimen.being.alias)]
    if specimen.case:
        parts.append(reference("PART_OF_CASE_REF", specimen.case))
    stated = [
        code_attribute("extraction_method", specimen.method),
        code_attribute("fixation_type", terms.FORMALIN),
        set_attribute(
            "age_at_extraction",
            [
                string_attribute("interval_start", specimen.age[0]),
                string_attribute("interval_length", specimen.age[1]),
            ],
        ),
        code_attribute("anatomical_site", specimen.site),
        code_attribute("specimen_type", terms.TISSUE),
    ]
    return entity(EntityKind.SPECIMEN, specimen.alias, parts, stated=stated)


def blocks(study: Study) -> list[Element]:
    blocks = {slide.block: slide.specimen.alias for slide in study.slides}
    return [
        entity(
            EntityKind.BLOCK,
            block,
            [reference("SAMPLED_FROM_REF", specimen)],
            stated=[code_attribute("block_preparation", terms.PARAFFIN)],
        )
        for block, specimen in blocks.items()
    ]


def slides(study: Study) -> list[Element]:
    return [
        entity(
            EntityKind.SLIDE,
            slide.alias,
            [
                reference("CREATED_FROM_REF", slide.block),
                reference("STAINING_INFORMATION_REF", staining_alias(slide.stain)),
            ],
        )
        for slide in study.slides
    ]
