"""Read the noun out of one object of a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bigpicture.metaflex.attributes import read_attributes, text_of
from bigpicture.metaflex.policy import read_policy
from bigpicture.metaflex.reference import (
    read_accession,
    read_files,
    read_reference,
)
from bigpicture.metaflex.schema import BY_TAG, OBSERVED
from bigpicture.metaflex.shared import Shared
from bigpicture.metaflex.tree import Element
from bigpicture.model.annotation import Annotation
from bigpicture.model.attribute import Attribute
from bigpicture.model.being import Being
from bigpicture.model.block import Block
from bigpicture.model.case import Case
from bigpicture.model.dataset import DatasetHeader
from bigpicture.model.entity import Entity, EntityKind, Reference
from bigpicture.model.identifiers import Alias
from bigpicture.model.image_metadata import Image
from bigpicture.model.landing_page import LandingPage
from bigpicture.model.observation import Observation
from bigpicture.model.observer import Observer
from bigpicture.model.organisation import Organisation
from bigpicture.model.place import Place
from bigpicture.model.rems import Rems
from bigpicture.model.slide import Slide
from bigpicture.model.specimen import Specimen
from bigpicture.model.staining import Staining
from bigpicture.model.terms import Terms


def read_entity(element: Element, *, name: str, shared: Shared) -> Entity | None:
    """Return what an object of the document `name` is; None where it has no usable alias."""
    alias = shared.alias(element.get("alias") or "")
    if alias is None:
        return None
    kind = BY_TAG[element.tag].kind
    read = read_attributes(element.child("ATTRIBUTES"), line=element.line)
    stated, traits = shared.stated(kind, read)
    source = _Source(element, alias, Place(name, element.line), stated, traits, shared)
    return _READERS[kind](source)


@dataclass(frozen=True, slots=True)
class _Source:
    """One object in its document, with short ways to what it states."""

    element: Element
    alias: Alias
    place: Place
    stated: tuple[Attribute, ...]
    traits: Mapping[str, Any]
    shared: Shared

    @property
    def identity(self) -> dict[str, Any]:
        """What every entity has."""
        return {
            "alias": self.alias,
            "accession": read_accession(self.element),
            "place": self.place,
            "stated": self.stated,
        }

    def attributes(self, element: Element | None) -> tuple[Attribute, ...]:
        return read_attributes(element, line=self.element.line)

    def text(self, tag: str) -> str:
        return text_of(self.element.child(tag))

    def one(self, tag: str, kind: EntityKind) -> Reference | None:
        found = self.element.child(tag)
        return None if found is None else self._reference(found, kind)

    def many(self, tag: str, kind: EntityKind) -> tuple[Reference, ...]:
        found = (self._reference(each, kind) for each in self.element.all(tag))
        return tuple(each for each in found if each is not None)

    def _reference(self, element: Element, kind: EntityKind) -> Reference | None:
        return read_reference(element, kind, self.place, name=self.shared.name)


def _dataset(source: _Source) -> DatasetHeader:
    return DatasetHeader(
        **source.identity,
        title=source.text("TITLE"),
        short_name=source.text("SHORT_NAME"),
        description=source.text("DESCRIPTION"),
        version=source.text("VERSION"),
        metadata_standard=source.text("METADATA_STANDARD"),
        owner_email=source.text("DATASET_OWNER_CONTACT_EMAIL"),
        types=tuple(text_of(each) for each in source.element.all("DATASET_TYPE")),
        images=source.many("IMAGE_REF", EntityKind.IMAGE),
        annotations=source.many("ANNOTATION_REF", EntityKind.ANNOTATION),
        observations=source.many("OBSERVATION_REF", EntityKind.OBSERVATION),
        complements=source.many("COMPLEMENTS_DATASET_REF", EntityKind.DATASET),
        node=source.text("BIGPICTURE_NODE"),
        landing_page=source.one("LANDING_PAGE_REF", EntityKind.LANDING_PAGE),
    )


def _policy(source: _Source) -> Terms:
    identity = source.identity
    return Terms(
        **identity,
        dataset=source.one("DATASET_REF", EntityKind.DATASET),
        policy=read_policy(identity["alias"], identity["stated"]),
    )


def _landing_page(source: _Source) -> LandingPage:
    return LandingPage(
        **source.identity,
        dataset=source.one("DATASET_REF", EntityKind.DATASET),
        rems_access_link=source.text("REMS_ACCESS_LINK") or None,
        thumbnails=read_files(source.element, "SAMPLE_IMAGE_FILES", source.place),
    )


def _rems(source: _Source) -> Rems:
    return Rems(
        **source.identity,
        dataset=source.one("DATASET_REF", EntityKind.DATASET),
        workflow_id=source.text("WORKFLOW_ID"),
        organisation_id=source.text("ORGANISATION_ID"),
    )


def _organisation(source: _Source) -> Organisation:
    return Organisation(
        **source.identity,
        dataset=source.one("DATASET_REF", EntityKind.DATASET),
        name=source.text("NAME"),
        pic_code=source.text("PIC_CODE"),
        datamanager_group=source.text("DATAMANAGER_PERUN_GROUP"),
    )


def _being(source: _Source) -> Being:
    return Being(**source.identity, **source.traits)


def _case(source: _Source) -> Case:
    return Case(**source.identity, being=source.one("BIOLOGICAL_BEING_REF", EntityKind.BEING))


def _specimen(source: _Source) -> Specimen:
    return Specimen(
        **source.identity,
        being=source.one("EXTRACTED_FROM_REF", EntityKind.BEING),
        case=source.one("PART_OF_CASE_REF", EntityKind.CASE),
        **source.traits,
    )


def _block(source: _Source) -> Block:
    return Block(
        **source.identity,
        specimens=source.many("SAMPLED_FROM_REF", EntityKind.SPECIMEN),
        **source.traits,
    )


def _slide(source: _Source) -> Slide:
    return Slide(
        **source.identity,
        block=source.one("CREATED_FROM_REF", EntityKind.BLOCK),
        staining=source.one("STAINING_INFORMATION_REF", EntityKind.STAINING),
    )


def _staining(source: _Source) -> Staining:
    return Staining(
        **source.identity,
        procedure=source.attributes(source.element.child("PROCEDURE_INFORMATION")),
        stains=tuple(source.attributes(stain) for stain in source.element.all("STAIN")),
    )


def _image(source: _Source) -> Image:
    kind = source.element.child("IMAGE_TYPE") or Element("IMAGE_TYPE")
    gross = kind.child("GROSS_IMAGE")
    return Image(
        **source.identity,
        slides=source.many("IMAGE_OF", EntityKind.SLIDE),
        is_gross=gross is not None,
        remark=text_of(gross or kind.child("WSI_IMAGE")),
        files=read_files(source.element, "FILES", source.place),
    )


def _annotation(source: _Source) -> Annotation:
    return Annotation(
        **source.identity,
        image=source.one("IMAGE_REF", EntityKind.IMAGE),
        files=read_files(source.element, "FILES", source.place),
    )


def _observation(source: _Source) -> Observation:
    statement = source.element.child("STATEMENT") or Element("STATEMENT")
    observed = [source.one(tag, kind) for tag, kind in OBSERVED.items()]
    return Observation(
        **source.identity,
        on=next((reference for reference in observed if reference), None),
        statement=text_of(statement.child("STATEMENT_TYPE")),
        status=text_of(statement.child("STATEMENT_STATUS")),
        coded=source.attributes(statement.child("CODE_ATTRIBUTES")),
        custom=source.attributes(statement.child("CUSTOM_ATTRIBUTES")),
        remarks=source.attributes(statement.child("ATTRIBUTES")),
        text=_freetext(statement.child("FREETEXT")),
        observers=source.many("OBSERVER_REF", EntityKind.OBSERVER),
    )


def _freetext(element: Element | None) -> str | None:
    return None if element is None or element.is_nil else text_of(element)


def _observer(source: _Source) -> Observer:
    return Observer(**source.identity, type=source.text("OBSERVER_TYPE"))


_READERS: Mapping[EntityKind, Callable[[_Source], Entity]] = {
    EntityKind.DATASET: _dataset,
    EntityKind.POLICY: _policy,
    EntityKind.LANDING_PAGE: _landing_page,
    EntityKind.REMS: _rems,
    EntityKind.ORGANISATION: _organisation,
    EntityKind.BEING: _being,
    EntityKind.CASE: _case,
    EntityKind.SPECIMEN: _specimen,
    EntityKind.BLOCK: _block,
    EntityKind.SLIDE: _slide,
    EntityKind.STAINING: _staining,
    EntityKind.IMAGE: _image,
    EntityKind.ANNOTATION: _annotation,
    EntityKind.OBSERVATION: _observation,
    EntityKind.OBSERVER: _observer,
}
