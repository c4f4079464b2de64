"""Compose the exchange documents of a study: every noun becomes the XML it is read from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bigpicture.metaflex import build
from bigpicture.metaflex.schema import OBSERVED, Object, Schema, schema_of
from bigpicture.metaflex.state import list_of_attributes, list_of_codes, list_of_files
from bigpicture.metaflex.tree import XSI, Document, Element
from bigpicture.metaflex.write import write_document
from bigpicture.model.annotation import Annotation
from bigpicture.model.block import Block
from bigpicture.model.case import Case
from bigpicture.model.dataset import DatasetHeader
from bigpicture.model.entity import Entity, EntityKind, Reference
from bigpicture.model.errors import MetadataError
from bigpicture.model.image_metadata import Image
from bigpicture.model.landing_page import LandingPage
from bigpicture.model.observation import Observation
from bigpicture.model.observer import Observer
from bigpicture.model.organisation import Organisation
from bigpicture.model.rems import Rems
from bigpicture.model.slide import Slide
from bigpicture.model.specimen import Specimen
from bigpicture.model.staining import Staining
from bigpicture.model.study import Study
from bigpicture.model.terms import Terms


def documents_of(study: Study, *, version: str = "2.0.0") -> dict[str, bytes]:
    """Return the documents of a study by their paths in the dataset folder.

    Reading them gives an equal study, places aside: attributes come from `stated` alone, in their
    order; blanks around a text are dropped. What is not there yet is left out, and the check of the
    submission names it. `METADATA_STANDARD` stays as the study says it where it is a release of
    `version`.

    Raises `MetadataError` for what the version or XML cannot hold, naming file, line and entity.
    """
    schema = schema_of(version)
    by_file: dict[str, list[Entity]] = {}
    for entity in study.entities:
        by_file.setdefault(schema.of(entity.kind).file, []).append(entity)
    return {
        file: write_document(_document(file, schema, members, version))
        for file, members in by_file.items()
    }


def _document(file: str, schema: Schema, members: Sequence[Entity], version: str) -> Document:
    form = schema.of(members[0].kind)
    objects = tuple(element_of(entity, schema, release=version) for entity in members)
    return Document(file, Element(form.container, children=objects, namespaces=(("xsi", XSI),)))


def element_of(entity: Entity, schema: Schema, *, release: str = "") -> Element:
    """Return one object as that version writes it."""
    form = schema.of(entity.kind)
    compose = _COMPOSERS.get(entity.kind)
    parts = list(compose(entity, schema, release)) if compose else []
    _check_fits(entity, form, schema, parts)
    order = {part.tag: number for number, part in enumerate(form.parts)}
    parts.sort(key=lambda part: order[part.tag])
    stated = list_of_attributes(entity.stated, entity)
    return Element(form.tag, attributes=_identity(entity), children=(*parts, stated))


def _identity(named: Entity | Reference) -> tuple[tuple[str, str], ...]:
    """Alias and accession; an alias is empty where a reference has none, for the XSD wants one."""
    accession = (("accession", str(named.accession)),) if named.accession else ()
    return (("alias", named.alias), *accession)


def _check_fits(entity: Entity, form: Object, schema: Schema, parts: Sequence[Element]) -> None:
    """Raise where this version has no such part, or fewer of them."""
    for part in parts:
        known = form.part(part.tag)
        count = sum(each.tag == part.tag for each in parts)
        if known is None or count > known.most:
            most = known.most if known else 0
            raise MetadataError(
                f"{entity} has {count} times {part.tag}, "
                f"and MetaFleX {schema.line} can hold {most or 'none'}.",
                place=str(entity.place),
                rule=f"MetaFleX {schema.line}",
                remedy=f"Take it out, or write a version of MetaFleX that has {part.tag}.",
            )


def _references(tag: str, *references: Reference | None) -> Iterator[Element]:
    for reference in references:
        if reference is not None:
            yield Element(tag, attributes=_identity(reference))


def _texts(pairs: Mapping[str, str]) -> Iterator[Element]:
    """The elements that have to be there, however empty."""
    for tag, value in pairs.items():
        yield build.text(tag, value)


def _dataset(entity: DatasetHeader, schema: Schema, release: str) -> Iterator[Element]:
    said = entity.metadata_standard
    yield from _texts(
        {
            "TITLE": entity.title,
            "SHORT_NAME": entity.short_name,
            "VERSION": entity.version,
            "METADATA_STANDARD": said if said.startswith(f"{schema.line}.") else release,
        }
    )
    optional = {
        "DESCRIPTION": entity.description,
        "DATASET_OWNER_CONTACT_EMAIL": entity.owner_email,
        "BIGPICTURE_NODE": entity.node,
    }
    yield from _texts({tag: value for tag, value in optional.items() if value})
    yield from (build.text("DATASET_TYPE", each) for each in entity.types)
    yield from _references("IMAGE_REF", *entity.images)
    yield from _references("ANNOTATION_REF", *entity.annotations)
    yield from _references("OBSERVATION_REF", *entity.observations)
    yield from _references("COMPLEMENTS_DATASET_REF", *entity.complements)
    yield from _references("LANDING_PAGE_REF", entity.landing_page)


def _policy(entity: Terms, *_: object) -> Iterator[Element]:
    return _references("DATASET_REF", entity.dataset)


def _landing_page(entity: LandingPage, schema: Schema, _: str) -> Iterator[Element]:
    yield from _references("DATASET_REF", entity.dataset)
    if entity.rems_access_link:
        yield build.text("REMS_ACCESS_LINK", entity.rems_access_link)
    yield from list_of_files("SAMPLE_IMAGE_FILES", entity.thumbnails, schema)


def _rems(entity: Rems, *_: object) -> Iterator[Element]:
    yield from _texts(
        {"WORKFLOW_ID": entity.workflow_id, "ORGANISATION_ID": entity.organisation_id}
    )
    yield from _references("DATASET_REF", entity.dataset)


def _organisation(entity: Organisation, *_: object) -> Iterator[Element]:
    yield from _texts(
        {
            "NAME": entity.name,
            "PIC_CODE": entity.pic_code,
            "DATAMANAGER_PERUN_GROUP": entity.datamanager_group,
        }
    )
    yield from _references("DATASET_REF", entity.dataset)


def _case(entity: Case, *_: object) -> Iterator[Element]:
    return _references("BIOLOGICAL_BEING_REF", entity.being)


def _specimen(entity: Specimen, *_: object) -> Iterator[Element]:
    yield from _references("EXTRACTED_FROM_REF", entity.being)
    yield from _references("PART_OF_CASE_REF", entity.case)


def _block(entity: Block, *_: object) -> Iterator[Element]:
    return _references("SAMPLED_FROM_REF", *entity.specimens)


def _slide(entity: Slide, *_: object) -> Iterator[Element]:
    yield from _references("CREATED_FROM_REF", entity.block)
    yield from _references("STAINING_INFORMATION_REF", entity.staining)


def _staining(entity: Staining, *_: object) -> Iterator[Element]:
    """A staining without any stain has a procedure of which nothing is said."""
    if entity.procedure or not entity.stains:
        yield list_of_attributes(
            entity.procedure, entity, tag="PROCEDURE_INFORMATION", empty_is_nil=False
        )
    for stain in entity.stains:
        yield list_of_attributes(stain, entity, tag="STAIN", empty_is_nil=False)


def _image(entity: Image, schema: Schema, _: str) -> Iterator[Element]:
    yield from _references("IMAGE_OF", *entity.slides)
    kind = build.text("GROSS_IMAGE" if entity.is_gross else "WSI_IMAGE", entity.remark)
    yield Element("IMAGE_TYPE", children=(kind,))
    yield from list_of_files("FILES", entity.files, schema)


def _annotation(entity: Annotation, schema: Schema, _: str) -> Iterator[Element]:
    yield from _references("IMAGE_REF", entity.image)
    yield from list_of_files("FILES", entity.files, schema)


def _observation(entity: Observation, *_: object) -> Iterator[Element]:
    tags = {kind: tag for tag, kind in OBSERVED.items()}
    if entity.on is not None:
        yield from _references(tags[entity.on.kind], entity.on)
    yield from _references("OBSERVER_REF", *entity.observers)
    yield Element("STATEMENT", children=tuple(_statement(entity)))


def _statement(entity: Observation) -> Iterable[Element]:
    yield build.text("STATEMENT_TYPE", entity.statement)
    yield build.text("STATEMENT_STATUS", entity.status)
    yield list_of_codes(entity.coded, entity)
    yield list_of_attributes(entity.custom, entity, tag="CUSTOM_ATTRIBUTES")
    yield build.text("FREETEXT", entity.text)
    yield list_of_attributes(entity.remarks, entity)


def _observer(entity: Observer, *_: object) -> Iterator[Element]:
    return _texts({"OBSERVER_TYPE": entity.type})


_COMPOSERS: Mapping[EntityKind, Callable[[Any, Schema, str], Iterable[Element]]] = {
    EntityKind.DATASET: _dataset,
    EntityKind.POLICY: _policy,
    EntityKind.LANDING_PAGE: _landing_page,
    EntityKind.REMS: _rems,
    EntityKind.ORGANISATION: _organisation,
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
