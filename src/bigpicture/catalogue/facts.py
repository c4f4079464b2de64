"""Facts: what the catalogue knows of a dataset and its images, read from the records at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, Table, func, select

from bigpicture.catalogue.companions import (
    Counted,
    VariableFacts,
    read_held,
    read_variables,
)
from bigpicture.catalogue.inherit import Observed, inherit
from bigpicture.catalogue.terms import Diagnosis, Term, read_diagnoses, read_terms
from bigpicture.model.errors import UnknownError
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.policy import DatasetType
from bigpicture.model.query import Facet
from bigpicture.storage.records import tables as t

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """One image as lists show it; `columns`, `rows` in pixels and mpp at level 0."""

    accession: str
    alias: str
    dataset: str
    ordinal: int
    columns: int
    rows: int
    mpp_x: float
    mpp_y: float
    magnification: float | None
    thumbnail: str | None
    """Key of the sealed object."""
    stains: tuple[Term, ...]
    """One; a tuple like the others, so that search sees them all alike."""
    organs: tuple[Term, ...]
    species: tuple[Term, ...]
    observations: tuple[tuple[str, Qualifier], ...]
    """Accessions of those that reach it."""
    diagnoses: tuple[Diagnosis, ...]
    diagnosed: tuple[Term, ...]
    words: str
    """What free text is compared with, in lower case."""
    companion: Mapping[str, tuple[Term, ...]]
    """What companion tables tell of it, by variable."""
    entities: tuple[str, ...]
    """Itself and all that it was made from, by accession."""

    @property
    def stain(self) -> str:
        return self.stains[0].label

    def terms(self, facet: Facet) -> tuple[Term, ...]:
        if facet is Facet.STAIN:
            return self.stains
        if facet is Facet.DIAGNOSIS:
            return self.diagnosed
        return self.species if facet is Facet.SPECIES else self.organs


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """One published dataset: its row, its images, what can be said of it as a whole."""

    row: Mapping[str, Any]
    images: tuple[ImageFacts, ...]
    counts: Mapping[str, int]
    """images, beings, cases, observations, annotations."""
    facets: Mapping[Facet, tuple[Term, ...]]
    thumbnails: int
    words: str
    variables: tuple[VariableFacts, ...] = ()
    """Of its companion tables."""

    @property
    def accession(self) -> str:
        return str(self.row["accession"])

    @property
    def is_clinical(self) -> bool:
        return DatasetType.read(str(self.row["dataset_type"])).is_clinical

    def terms(self, facet: Facet) -> tuple[Term, ...]:
        return self.facets[facet]

    def image(self, accession: str) -> ImageFacts:
        """One image; raises `UnknownError` when the dataset has none of that accession."""
        for image in self.images:
            if image.accession == accession:
                return image
        raise UnknownError("there is no such image.", place=accession)


def read_facts(connection: Connection, dataset: str) -> DatasetFacts:
    """Read a published dataset whole: some fifteen queries, whatever its size."""
    row = connection.execute(select(t.datasets).where(t.datasets.c.accession == dataset))
    variables = read_variables(connection, dataset)
    images = _read_images(connection, dataset, variables)
    return _of_dataset(connection, dict(row.mappings().one()), images, variables)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where the tissue of a block comes from."""

    entities: tuple[str, ...]
    organs: tuple[Term, ...]
    species: tuple[Term, ...]


class _Once:
    """Gives one tuple for all equal ones: less memory, and search counts by identity."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Term, ...], tuple[Term, ...]] = {}

    def __call__(self, terms: tuple[Term, ...]) -> tuple[Term, ...]:
        return self._kept.setdefault(terms, terms)


@dataclass(frozen=True, slots=True)
class _Reaching:
    """What is stated of an image, by itself or from above."""

    observations: tuple[tuple[str, Qualifier], ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()


def _erased(dataset: str) -> Select[tuple[str]]:
    """The images of a dataset that nobody can open any more: nor are they found."""
    return (
        select(t.levels.c.image)
        .join(t.images, t.images.c.accession == t.levels.c.image)
        .join(t.objects, t.objects.c.key == t.levels.c.object)
        .where(t.images.c.dataset == dataset, t.objects.c.header.is_(None))
    )


def _read_images(
    connection: Connection, dataset: str, variables: tuple[VariableFacts, ...]
) -> tuple[ImageFacts, ...]:
    origins = _origins(connection, dataset)
    rows = connection.execute(
        select(
            *(each for each in t.images.c if each.name not in ("attributes", "searched")),
            t.slides.c.block,
            t.stainings.c.label.label("stain"),
        )
        .join(t.slides, t.slides.c.accession == t.images.c.slide)
        .join(t.stainings, t.stainings.c.accession == t.slides.c.staining)
        .where(t.images.c.dataset == dataset, t.images.c.accession.not_in(_erased(dataset)))
        .order_by(t.images.c.ordinal, t.images.c.accession)
    ).mappings().all()  # fmt: skip
    nowhere = _Origin((), (), ())
    drawn = _drawn(connection, dataset)
    ancestors = {
        row["accession"]: (
            row["accession"],
            row["slide"],
            row["block"],
            *origins.get(row["block"], nowhere).entities,
            *drawn.get(row["accession"], ()),
        )
        for row in rows
    }
    stated = _reaching(connection, dataset, ancestors)
    same_terms = _Once()
    counted = Counted(variables, read_held(connection, dataset) if variables else {})
    return tuple(
        _of_image(
            dict(row),
            origins.get(row["block"], nowhere),
            stated.get(row["accession"], _Reaching()),
            same_terms,
            counted(ancestors[row["accession"]]),
            ancestors[row["accession"]],
        )
        for row in rows
    )


def _of_image(
    row: Mapping[str, Any],
    origin: _Origin,
    stated: _Reaching,
    same_terms: _Once,
    companion: Mapping[str, tuple[Term, ...]],
    entities: tuple[str, ...],
) -> ImageFacts:
    stains = same_terms((Term(row["stain"], row["stain"]),))
    diagnosed = same_terms(tuple(each.term for each in stated.diagnoses))
    shown = (*origin.organs, *origin.species, *stains, *diagnosed)
    same = ("accession", "alias", "dataset", "ordinal", "columns", "rows", "mpp_x", "mpp_y")
    return ImageFacts(
        **{name: row[name] for name in same},
        magnification=row["magnification"],
        thumbnail=row["thumbnail"],
        stains=stains,
        organs=same_terms(origin.organs),
        species=same_terms(origin.species),
        observations=stated.observations,
        diagnoses=stated.diagnoses,
        diagnosed=diagnosed,
        words=_fold(row["accession"], row["alias"], *(term.label for term in shown)),
        companion=companion,
        entities=entities,
    )


def _drawn(connection: Connection, dataset: str) -> dict[str, list[str]]:
    """The annotations of each image: what is observed on one, is observed of its image."""
    columns = select(t.annotations.c.image, t.annotations.c.accession)
    drawn: dict[str, list[str]] = defaultdict(list)
    for image, annotation in connection.execute(columns.where(t.annotations.c.dataset == dataset)):
        drawn[image].append(annotation)
    return drawn


def _origins(connection: Connection, dataset: str) -> dict[str, _Origin]:
    """The origin of each block, through its specimens."""
    species = {
        row["accession"]: read_terms(row["species"]) for row in _rows(connection, t.beings, dataset)
    }
    specimens = {row["accession"]: row for row in _rows(connection, t.specimens, dataset)}
    parts: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for block, specimen in connection.execute(
        select(t.block_specimens.c.block, t.block_specimens.c.specimen)
        .join(t.specimens, t.specimens.c.accession == t.block_specimens.c.specimen)
        .where(t.specimens.c.dataset == dataset)
        .order_by(t.block_specimens.c.specimen)
    ):
        parts[block].append(specimens[specimen])
    return {
        block: _Origin(
            entities=_distinct(
                row[name] for row in rows for name in ("accession", "being", "case") if row[name]
            ),
            organs=_distinct(term for row in rows for term in read_terms(row["site"])),
            species=_distinct(term for row in rows for term in species.get(row["being"], ())),
        )
        for block, rows in parts.items()
    }


def _reaching(
    connection: Connection, dataset: str, ancestors: Mapping[str, tuple[str, ...]]
) -> dict[str, _Reaching]:
    rows = {row["accession"]: row for row in _rows(connection, t.observations, dataset)}
    observed = [Observed(accession, row["on"], row["status"]) for accession, row in rows.items()]
    return {
        image: _Reaching(
            tuple(reached),
            _surest(
                diagnosis
                for accession, qualifier in reached
                for diagnosis in read_diagnoses(
                    rows[accession]["kind"], rows[accession]["codes"], qualifier
                )
            ),
        )
        for image, reached in inherit(ancestors, observed).items()
    }


def _surest(diagnoses: Iterable[Diagnosis]) -> tuple[Diagnosis, ...]:
    """One a term: what is confirmed by one observation is no mere candidate by another."""
    kept: dict[Term, Diagnosis] = {}
    for diagnosis in diagnoses:
        before = kept.get(diagnosis.term)
        if before is None or before.qualifier is Qualifier.CANDIDATE:
            kept[diagnosis.term] = diagnosis
    return tuple(kept.values())


def _of_dataset(
    connection: Connection,
    row: Mapping[str, Any],
    images: tuple[ImageFacts, ...],
    variables: tuple[VariableFacts, ...],
) -> DatasetFacts:
    dataset = row["accession"]
    is_clinical = DatasetType.read(row["dataset_type"]).is_clinical
    kind = Term("clinical", "Clinical") if is_clinical else Term("non-clinical", "Non-clinical")
    facets = {
        facet: _distinct(term for image in images for term in image.terms(facet))
        for facet in (Facet.ORGAN, Facet.STAIN, Facet.SPECIES, Facet.DIAGNOSIS)
    }
    facets |= {
        Facet.TYPE: (kind,),
        Facet.TIER: (Term(row["tier"], row["tier"].capitalize()),),
        Facet.COMPANION: _distinct(each.term for each in variables),
    }
    counted = {
        "beings": t.beings,
        "cases": t.cases,
        "observations": t.observations,
        "annotations": t.annotations,
    }
    keywords = map(str, row["landing"].get("keywords") or ())
    shown = (term.label for terms in facets.values() for term in terms)
    return DatasetFacts(
        row=row,
        images=images,
        counts={"images": len(images)}
        | {name: _count(connection, table, dataset) for name, table in counted.items()},
        facets=facets,
        thumbnails=_count(connection, t.landing_thumbnails, dataset),
        words=_fold(
            *(row[name] for name in ("accession", "alias", "title", "short_name", "description")),
            *keywords,
            *shown,
            *(each.label for each in variables),
        ),
        variables=variables,
    )


def _rows(connection: Connection, table: Table, dataset: str) -> list[Mapping[str, Any]]:
    columns = [column for column in table.c if column.name != "attributes"]
    found = connection.execute(
        select(*columns).where(table.c.dataset == dataset).order_by(table.c.accession)
    )
    return [dict(row) for row in found.mappings()]


def _count(connection: Connection, table: Table, dataset: str) -> int:
    question = select(func.count()).select_from(table).where(table.c.dataset == dataset)
    return connection.execute(question).scalar_one()


def _distinct(values: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(values))


def _fold(*parts: str) -> str:
    return "\n".join(parts).casefold()
