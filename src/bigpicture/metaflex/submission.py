"""Read the documents of a submission into a study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias, TypeVar

from bigpicture.metaflex.datacite import check_datacite, is_datacite, read_datacite
from bigpicture.metaflex.entities import read_entity
from bigpicture.metaflex.members import LARGE, Member, NotPlainError, read_members
from bigpicture.metaflex.plain import plain_members
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.schema import BY_TAG, Schema
from bigpicture.metaflex.shared import Shared
from bigpicture.metaflex.structure import check_container, check_member, check_structure
from bigpicture.metaflex.tree import Document, Element
from bigpicture.metaflex.version import OLDEST, objects, schema_for
from bigpicture.model.annotation import Annotation
from bigpicture.model.aside import Aside
from bigpicture.model.being import Being
from bigpicture.model.block import Block
from bigpicture.model.case import Case
from bigpicture.model.datacite import DataciteRecord
from bigpicture.model.dataset import DatasetHeader
from bigpicture.model.entity import Entity
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


Source: TypeAlias = "bytes | Document | Path"
"""A document's bytes, its tree, or the file that holds it."""


def read_submission(documents: Mapping[str, Source]) -> Study:
    """Return every entity of the documents, keyed by path in the dataset folder.

    Never raises for what is wrong with a document: `Study.findings` names each place, and a study
    with an error among them must not be accepted. An object without a usable alias is left out.
    The dataset says of which version of MetaFleX the folder is; where there is none, the first
    document does that holds what only one version has. Documents of more than `LARGE` bytes are
    read object by object.
    """
    findings: list[Finding] = []
    unread: list[str] = []
    read: list[Entity] = []
    asides: list[Aside] = []
    cited: list[DataciteRecord] = []
    schema: Schema | None = None
    shared = Shared()
    for name in sorted(documents, key=_dataset_first):
        try:
            found = _read(documents[name], name, _Found(schema, shared))
        except MetadataError as error:
            findings.append(_unreadable(name, error))
            unread.append(name)
            continue
        schema = found.schema
        findings.extend(found.findings)
        read.extend(found.entities)
        asides.extend(found.asides)
        cited.extend(found.cited)
    study = _study(read, tuple(findings), tuple(unread))
    return replace(study, asides=tuple(asides), datacite=tuple(cited))


def _dataset_first(name: str) -> bool:
    return not name.endswith("dataset.xml")


@dataclass(slots=True)
class _Found:
    """What one document holds; `schema` is None while nothing told the version."""

    schema: Schema | None
    shared: Shared
    findings: list[Finding] = field(default_factory=list[Finding])
    entities: list[Entity] = field(default_factory=list[Entity])
    asides: list[Aside] = field(default_factory=list[Aside])
    cited: list[DataciteRecord] = field(default_factory=list[DataciteRecord])

    def add(self, element: Element, name: str) -> None:
        entity = read_entity(element, name=name, shared=self.shared)
        if entity is not None:
            self.entities.append(entity)


def _read(source: Source, name: str, found: _Found) -> _Found:
    if isinstance(source, Document):
        return _whole(source, found)
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    schema = found.schema
    if size > LARGE and schema is not None:
        plainly = partial(plain_members, shared=found.shared)
        for reader in (plainly, read_members):
            try:
                with _opened(source) as stream:
                    return _streamed(reader(stream, name=name), name, schema, found)
            except NotPlainError:
                found = _Found(schema, found.shared)
    data = source.read_bytes() if isinstance(source, Path) else source
    return _whole(read_document(data, name=name), found)


def _opened(source: bytes | Path) -> BinaryIO:
    return source.open("rb") if isinstance(source, Path) else BytesIO(source)


def _whole(document: Document, found: _Found) -> _Found:
    found.asides += (Aside(e.text, Place(document.name, e.line)) for e in document.asides)
    if is_datacite(document):
        found.findings += check_datacite(document)
        found.cited.append(read_datacite(document))
        return found
    found.schema = found.schema or schema_for(document)
    found.findings += check_structure(document, found.schema or OLDEST)
    for element in objects(document):
        found.add(element, document.name)
    return found


def _streamed(members: Iterable[Member], name: str, schema: Schema, found: _Found) -> _Found:
    is_empty = True
    for member in members:
        if member.noun is not None:
            is_empty = False
            found.entities.append(member.noun)
            continue
        element = member.element
        if member.is_container:
            found.asides += (Aside(each.text, Place(name, each.line)) for each in member.asides)
            found.findings += check_container(element, schema, is_empty=is_empty, name=name)
            continue
        is_empty = False
        if not member.is_sound:
            new = check_member(element, schema, container=member.container, name=name)
            found.findings += new
            if member.learn and not new:
                member.learn()
        if element.tag in BY_TAG:
            found.add(element, name)
    return found


def _unreadable(name: str, error: MetadataError) -> Finding:
    file, _, line = error.place.rpartition(":")
    place = Place(file, int(line)) if file and line.isdigit() else Place(name)
    return Finding("XML", Severity.ERROR, place, error.what, "well-formed XML", error.remedy)


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
