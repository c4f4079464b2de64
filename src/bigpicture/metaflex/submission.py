"""Read the documents of a submission into a study."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bigpicture.metaflex.attributes import read_attributes, text_of
from bigpicture.metaflex.policy import read_policy
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.reference import (
    read_accession,
    read_alias,
    read_files,
    read_reference,
    read_references,
)
from bigpicture.metaflex.schema import BY_TAG, OBSERVED, Schema
from bigpicture.metaflex.structure import check_structure
from bigpicture.metaflex.tree import Document, Element
from bigpicture.metaflex.version import OLDEST, objects, schema_for
from bigpicture.model.annotation import Annotation
from bigpicture.model.attribute import Attribute, find, find_all
from bigpicture.model.being import Being
from bigpicture.model.block import Block
from bigpicture.model.case import Case
from bigpicture.model.code import Code
from bigpicture.model.dataset import DatasetHeader
from bigpicture.model.entity import Entity, EntityKind, Reference
from bigpicture.model.errors import MetadataError
from bigpicture.model.finding import Finding, Severity
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
from bigpicture.model.study import Study
from bigpicture.model.terms import Terms

E = TypeVar("E", bound=Entity)


def read_submission(documents: Mapping[str, bytes | Document]) -> Study:
    """Return every entity of the documents, keyed by path in the dataset folder.

    Never raises for what is wrong with a document: `Study.findings` names each place, and a study
    with an error among them must not be accepted. An object without a usable alias is left out.
    The dataset says of which version of MetaFleX the folder is; where there is none, the first
    document does that holds what only one version has.
    """
    findings: list[Finding] = []
    unread: list[str] = []
    read: list[Entity] = []
    schema: Schema | None = None
    for name in sorted(documents, key=_dataset_first):
        source = documents[name]
        try:
            document = source if isinstance(source, Document) else read_document(source, name=name)
        except MetadataError as error:
            findings.append(_unreadable(name, error))
            unread.append(name)
            continue
        schema = schema or schema_for(document)
        findings.extend(check_structure(document, schema or OLDEST))
        read.extend(_entities(document))
    return _study(read, tuple(findings), tuple(unread))


def _dataset_first(name: str) -> bool:
    return not name.endswith("dataset.xml")


def _entities(document: Document) -> Iterable[Entity]:
    for element in objects(document):
        source = _Source(element, document.name)
        if read_alias(element) is not None:
            yield _READERS[BY_TAG[element.tag].kind](source)


def _unreadable(name: str, error: MetadataError) -> Finding:
    file, _, line = error.place.rpartition(":")
    place = Place(file, int(line)) if file and line.isdigit() else Place(name)
    return Finding("XML", Severity.ERROR, place, error.what, "well-formed XML", error.remedy)


@dataclass(frozen=True, slots=True)
class _Source:
    """One object in its document, with short ways to what it states."""

    element: Element
    file: str

    @property
    def stated(self) -> tuple[Attribute, ...]:
        return read_attributes(self.element.child("ATTRIBUTES"))

    @property
    def identity(self) -> dict[str, Any]:
        """What every entity has."""
        return {
            "alias": read_alias(self.element),
            "accession": read_accession(self.element),
            "place": Place(self.file, self.element.line),
            "stated": self.stated,
        }

    def text(self, tag: str) -> str:
        return text_of(self.element.child(tag))

    def one(self, tag: str, kind: EntityKind) -> Reference | None:
        return read_reference(self.element.child(tag), kind, self.file)

    def many(self, tag: str, kind: EntityKind) -> tuple[Reference, ...]:
        return read_references(self.element, tag, kind, self.file)


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
        thumbnails=read_files(source.element, "SAMPLE_IMAGE_FILES", source.file),
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
    stated = source.stated
    return Being(
        **source.identity,
        sex=_text(stated, "sex"),
        species=_code(stated, "animal_species"),
        strain=_code(stated, "animal_strain"),
        control=_text(stated, "control_terminology"),
        termination=_code(stated, "termination_status"),
    )


def _case(source: _Source) -> Case:
    return Case(**source.identity, being=source.one("BIOLOGICAL_BEING_REF", EntityKind.BEING))


def _specimen(source: _Source) -> Specimen:
    stated = source.stated
    sites = [
        *find_all(stated, "anatomical_site"),
        *find_all(stated, "anatomical_site_list", "anatomical_site"),
    ]
    return Specimen(
        **source.identity,
        being=source.one("EXTRACTED_FROM_REF", EntityKind.BEING),
        case=source.one("PART_OF_CASE_REF", EntityKind.CASE),
        sites=tuple(site.code for site in sites if site.code),
        extraction=_code(stated, "extraction_method"),
        fixation=_code(stated, "fixation_type"),
        specimen_type=_code(stated, "specimen_type"),
        age_start=_text(stated, "age_at_extraction", "interval_start"),
        age_length=_text(stated, "age_at_extraction", "interval_length"),
    )


def _block(source: _Source) -> Block:
    return Block(
        **source.identity,
        specimens=source.many("SAMPLED_FROM_REF", EntityKind.SPECIMEN),
        preparation=_code(source.stated, "block_preparation"),
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
        procedure=read_attributes(source.element.child("PROCEDURE_INFORMATION")),
        stains=tuple(read_attributes(stain) for stain in source.element.all("STAIN")),
    )


def _image(source: _Source) -> Image:
    kind = source.element.child("IMAGE_TYPE") or Element("IMAGE_TYPE")
    gross = kind.child("GROSS_IMAGE")
    return Image(
        **source.identity,
        slides=source.many("IMAGE_OF", EntityKind.SLIDE),
        is_gross=gross is not None,
        remark=text_of(gross or kind.child("WSI_IMAGE")),
        files=read_files(source.element, "FILES", source.file),
    )


def _annotation(source: _Source) -> Annotation:
    return Annotation(
        **source.identity,
        image=source.one("IMAGE_REF", EntityKind.IMAGE),
        files=read_files(source.element, "FILES", source.file),
    )


def _observation(source: _Source) -> Observation:
    statement = source.element.child("STATEMENT") or Element("STATEMENT")
    observed = [source.one(tag, kind) for tag, kind in OBSERVED.items()]
    return Observation(
        **source.identity,
        on=next((reference for reference in observed if reference), None),
        statement=text_of(statement.child("STATEMENT_TYPE")),
        status=text_of(statement.child("STATEMENT_STATUS")),
        coded=read_attributes(statement.child("CODE_ATTRIBUTES")),
        custom=read_attributes(statement.child("CUSTOM_ATTRIBUTES")),
        remarks=read_attributes(statement.child("ATTRIBUTES")),
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


def _study(read: list[Entity], findings: tuple[Finding, ...], unread: tuple[str, ...]) -> Study:
    def of(kind: type[E]) -> tuple[E, ...]:
        return tuple(entity for entity in read if isinstance(entity, kind))

    return Study(
        datasets=of(DatasetHeader),
        terms=of(Terms),
        landing_pages=of(LandingPage),
        rems_entries=of(Rems),
        organisations=of(Organisation),
        beings=of(Being),
        cases=of(Case),
        specimens=of(Specimen),
        blocks=of(Block),
        slides=of(Slide),
        stainings=of(Staining),
        images=of(Image),
        annotations=of(Annotation),
        observations=of(Observation),
        observers=of(Observer),
        findings=findings,
        unread=unread,
    )


def _text(stated: tuple[Attribute, ...], *path: str) -> str | None:
    attribute = find(stated, *path)
    return attribute.text or None if attribute else None


def _code(stated: tuple[Attribute, ...], *path: str) -> Code | None:
    attribute = find(stated, *path)
    return attribute.code if attribute else None
