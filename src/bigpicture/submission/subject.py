"""Whose slide an image is, from the study's metadata, for the DICOM header."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bigpicture.dicom.subject import Subject
from bigpicture.model.being import Being
from bigpicture.model.block import Block
from bigpicture.model.case import Case
from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind
from bigpicture.model.image_metadata import Image
from bigpicture.model.inheritance import lineage
from bigpicture.model.slide import Slide
from bigpicture.model.specimen import Specimen
from bigpicture.model.staining import Staining
from bigpicture.model.study import Study

Pseudonym = Callable[[str, str], str]
"""Domain and value to a keyed pseudonym."""


@dataclass(frozen=True, slots=True)
class _Salted:
    """A maker of identifiers under a salt; it travels to a child process, as no lambda can."""

    uid: Callable[[str], str]
    salt: str

    def __call__(self, text: str) -> str:
        return self.uid(f"{self.salt}/{text}")


def subject_of(
    study: Study, image: Image, *, uid: Callable[[str], str], pseudonym: Pseudonym
) -> Subject:
    """Describe the slide of `image`.

    Aliases go into the header as keyed pseudonyms: a hospital's alias may be its accession number.
    The `uid` maker is salted with the dataset's alias, so that equal aliases of two datasets do
    not meet, and not with the image's: all slides of a case are of one study, all of a specimen
    tell one unique identifier of it.
    """
    found = list(lineage(study, image).values())
    being = next((one for one in found if isinstance(one, Being)), None)
    case = next((one for one in found if isinstance(one, Case)), None)
    specimen = next((one for one in found if isinstance(one, Specimen)), None)
    block = next((one for one in found if isinstance(one, Block)), None)
    slide = next((one for one in found if isinstance(one, Slide)), None)
    staining = next((one for one in found if isinstance(one, Staining)), None)
    dataset = study.dataset.alias

    def name(kind: EntityKind, alias: str | None) -> str:
        return pseudonym(kind, f"{dataset}/{alias}") if alias else ""

    return Subject(
        uid=_Salted(uid, dataset),
        image=name(EntityKind.IMAGE, image.alias),
        patient=name(EntityKind.BEING, being.alias if being else image.alias),
        case=name(EntityKind.CASE, case.alias if case else None),
        specimen=name(EntityKind.SPECIMEN, specimen.alias if specimen else image.alias),
        container=name(EntityKind.SLIDE, slide.alias if slide else image.alias),
        block=name(EntityKind.BLOCK, block.alias if block else None),
        site=next(iter(specimen.sites), None) if specimen else None,
        stains=_stains(staining),
        fixation=specimen.fixation if specimen else None,
        embedding=block.preparation if block else None,
        species=being.species if being else None,
        strain=being.strain if being else None,
        sex=(being.sex or "") if being else "",
        mpp_if_absent=image.mpp_x,
        pseudonym=pseudonym,
    )


def _stains(staining: Staining | None) -> tuple[Code, ...]:
    """Coded stains only: DICOM wants codes where metadata may hold words."""
    if staining is None:
        return ()
    codes = [
        attribute.code
        for part in staining.parts
        for attribute in part
        if attribute.tag in {"staining_compound", "staining_procedure"} and attribute.code
    ]
    return tuple(code for code in codes if code and code.code)
