"""A study: every entity of one submission, resolved against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from bigpicture.model.annotation import Annotation
from bigpicture.model.aside import Aside
from bigpicture.model.being import Being
from bigpicture.model.block import Block
from bigpicture.model.case import Case
from bigpicture.model.data_file import DataFile
from bigpicture.model.datacite import DataciteRecord
from bigpicture.model.dataset import DatasetHeader
from bigpicture.model.entity import Entity, EntityKind, Reference
from bigpicture.model.errors import MetadataError
from bigpicture.model.finding import Finding
from bigpicture.model.identifiers import Accession
from bigpicture.model.image_metadata import Image
from bigpicture.model.landing_page import LandingPage
from bigpicture.model.observation import Observation
from bigpicture.model.observer import Observer
from bigpicture.model.organisation import Organisation
from bigpicture.model.policy import Policy
from bigpicture.model.rems import Rems
from bigpicture.model.slide import Slide
from bigpicture.model.specimen import Specimen
from bigpicture.model.staining import Staining
from bigpicture.model.terms import Terms

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, kw_only=True)
class Study:
    """All entities in document order, and what was wrong already while reading.

    The standard wants exactly one dataset, terms, landing page, rems and organisation; the tuples
    hold what was there, the properties of the singular name give the one.
    """

    datasets: tuple[DatasetHeader, ...] = ()
    terms: tuple[Terms, ...] = ()
    landing_pages: tuple[LandingPage, ...] = ()
    rems_entries: tuple[Rems, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    beings: tuple[Being, ...] = ()
    cases: tuple[Case, ...] = ()
    specimens: tuple[Specimen, ...] = ()
    blocks: tuple[Block, ...] = ()
    slides: tuple[Slide, ...] = ()
    stainings: tuple[Staining, ...] = ()
    images: tuple[Image, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    observations: tuple[Observation, ...] = ()
    observers: tuple[Observer, ...] = ()
    findings: tuple[Finding, ...] = ()
    unread: tuple[str, ...] = field(default=())
    """Documents that could not be parsed; a finding says why."""
    asides: tuple[Aside, ...] = ()
    """Comments of the documents."""
    datacite: tuple[DataciteRecord, ...] = ()
    """The record that is cited; none or one."""

    @property
    def dataset(self) -> DatasetHeader:
        return _only(self.datasets, EntityKind.DATASET)

    @property
    def policy(self) -> Policy:
        """The terms as read; raises `MetadataError` where they cannot be."""
        terms = _only(self.terms, EntityKind.POLICY)
        if terms.policy is None:
            raise MetadataError(
                "the policy's type of dataset or access tier cannot be read.",
                place=str(terms.place),
                rule="MSMdad 9.1.4",
            )
        return terms.policy

    @property
    def landing_page(self) -> LandingPage:
        return _only(self.landing_pages, EntityKind.LANDING_PAGE)

    @property
    def rems(self) -> Rems:
        return _only(self.rems_entries, EntityKind.REMS)

    @property
    def organisation(self) -> Organisation:
        return _only(self.organisations, EntityKind.ORGANISATION)

    @property
    def by_kind(self) -> Mapping[EntityKind, tuple[Entity, ...]]:
        """Every tuple by its kind, in the order in which references can be resolved."""
        return {
            EntityKind.DATASET: self.datasets,
            EntityKind.POLICY: self.terms,
            EntityKind.LANDING_PAGE: self.landing_pages,
            EntityKind.REMS: self.rems_entries,
            EntityKind.ORGANISATION: self.organisations,
            EntityKind.BEING: self.beings,
            EntityKind.CASE: self.cases,
            EntityKind.SPECIMEN: self.specimens,
            EntityKind.BLOCK: self.blocks,
            EntityKind.STAINING: self.stainings,
            EntityKind.SLIDE: self.slides,
            EntityKind.IMAGE: self.images,
            EntityKind.ANNOTATION: self.annotations,
            EntityKind.OBSERVER: self.observers,
            EntityKind.OBSERVATION: self.observations,
        }

    @property
    def entities(self) -> Iterator[Entity]:
        for members in self.by_kind.values():
            yield from members

    @cached_property
    def by_alias(self) -> Mapping[EntityKind, Mapping[str, Entity]]:
        """Entities by kind, then alias; the first wins where one repeats (a finding tells)."""
        return {
            kind: {entity.alias: entity for entity in reversed(members)}
            for kind, members in self.by_kind.items()
        }

    @cached_property
    def by_accession(self) -> Mapping[Accession, Entity]:
        return {entity.accession: entity for entity in self.entities if entity.accession}

    def resolve(self, reference: Reference | None) -> Entity | None:
        """Return what a reference points at inside this submission, or None."""
        if reference is None:
            return None
        if reference.alias:
            return self.by_alias[reference.kind].get(reference.alias)
        entity = self.by_accession.get(reference.accession) if reference.accession else None
        return entity if entity is not None and entity.kind == reference.kind else None

    @property
    def files(self) -> Iterator[tuple[Entity, DataFile]]:
        """Every listed data file with the entity that lists it."""
        for owner in (*self.images, *self.annotations):
            for file in owner.files:
                yield owner, file
        for page in self.landing_pages:
            for file in page.thumbnails:
                yield page, file


def _only(members: tuple[E, ...], kind: EntityKind) -> E:
    if len(members) != 1:
        raise MetadataError(
            f"a submission has exactly one {kind.label}; this one has {len(members)}.",
            place=str(members[1].place) if members else "",
            rule="constraint 1",
        )
    return members[0]
