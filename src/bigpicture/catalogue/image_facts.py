"""Image facts: what the catalogue knows of one image, read from the records when it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from bigpicture.catalogue.index.read import erased_images
from bigpicture.catalogue.terms import Diagnosis, Term, read_diagnoses, read_terms, surest
from bigpicture.model.errors import ErasedError, UnknownError
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.observation import StatementStatus
from bigpicture.storage.records import tables as t


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """`columns`, `rows` in pixels and mpp in µm at level 0."""

    accession: str
    alias: str
    dataset: str
    columns: int
    rows: int
    mpp_x: float
    mpp_y: float
    magnification: float | None
    thumbnail: str | None
    """Key of the sealed object."""
    stains: tuple[Term, ...]
    organs: tuple[Term, ...]
    species: tuple[Term, ...]
    observations: tuple[tuple[str, Qualifier], ...]
    """Accessions of those that reach it."""
    diagnoses: tuple[Diagnosis, ...]
    entities: tuple[str, ...]
    """Itself and all that it was made from, by accession."""


def read_image(connection: Connection, accession: str) -> ImageFacts:
    """Read one published image.

    Raises `UnknownError` where there is none of that accession, `ErasedError` where there was one
    until its subject was erased.
    """
    row = _row(connection, accession)
    if row is None:
        raise UnknownError("there is no such image.", place=accession)
    is_erased = erased_images(row["dataset"]).where(t.levels.c.image == accession)
    if connection.execute(is_erased.limit(1)).first() is not None:
        raise ErasedError("this image was erased: the key of its subject was destroyed.")
    specimens = (
        connection.execute(
            select(t.specimens)
            .join(t.block_specimens, t.block_specimens.c.specimen == t.specimens.c.accession)
            .where(t.block_specimens.c.block == row["block"])
            .order_by(t.specimens.c.accession)
        )
        .mappings()
        .all()
    )
    drawn = select(t.annotations.c.accession).where(t.annotations.c.image == accession)
    entities = dict.fromkeys(
        (
            accession,
            row["slide"],
            row["block"],
            *(
                each[name]
                for each in specimens
                for name in ("accession", "being", "case")
                if each[name]
            ),
            *connection.execute(drawn).scalars(),
        )
    )
    observations, diagnoses = _reaching(connection, row, tuple(entities))
    beings = connection.execute(
        select(t.beings.c.species)
        .where(t.beings.c.accession.in_([each["being"] for each in specimens]))
        .order_by(t.beings.c.accession)
    ).scalars()
    same = ("accession", "alias", "dataset", "columns", "rows", "mpp_x", "mpp_y", "magnification")
    return ImageFacts(
        **{name: row[name] for name in same},
        thumbnail=row["thumbnail"],
        stains=(Term(row["stain"], row["stain"]),),
        organs=_distinct(term for each in specimens for term in read_terms(each["site"])),
        species=_distinct(term for each in beings for term in read_terms(each)),
        observations=observations,
        diagnoses=diagnoses,
        entities=tuple(entities),
    )


def _row(connection: Connection, accession: str) -> Mapping[str, Any] | None:
    found = connection.execute(
        select(
            *(each for each in t.images.c if each.name not in ("attributes", "searched")),
            t.slides.c.block,
            t.stainings.c.label.label("stain"),
        )
        .join(t.slides, t.slides.c.accession == t.images.c.slide)
        .join(t.stainings, t.stainings.c.accession == t.slides.c.staining)
        .where(t.images.c.accession == accession)
    )
    row = found.mappings().first()
    return dict(row) if row else None


def _reaching(
    connection: Connection, row: Mapping[str, Any], entities: tuple[str, ...]
) -> tuple[tuple[tuple[str, Qualifier], ...], tuple[Diagnosis, ...]]:
    """What is stated of any of the entities; a Summary is sure where it reaches one image only."""
    table = t.observations
    asked = (
        select(table)
        .where(table.c.dataset == row["dataset"], table.c.on.in_(entities))
        .order_by(table.c.accession)
    )
    reached: list[tuple[str, Qualifier]] = []
    stated: list[Diagnosis] = []
    shared: dict[str, bool] = {}
    for one in connection.execute(asked).mappings():
        on = one["on"]
        is_sure = one["status"] == StatementStatus.DISTINCT
        if not is_sure:
            if on not in shared:
                shared[on] = _reaches_several(connection, row["dataset"], one["on_kind"], on)
            is_sure = not shared[on]
        qualifier = Qualifier.CONFIRMED if is_sure else Qualifier.CANDIDATE
        reached.append((one["accession"], qualifier))
        stated += read_diagnoses(one["kind"], one["codes"], qualifier)
    return tuple(reached), surest(stated)


def _reaches_several(connection: Connection, dataset: str, kind: str, entity: str) -> bool:
    asked = _below(kind.casefold(), entity).where(
        t.images.c.dataset == dataset, t.images.c.accession.not_in(erased_images(dataset))
    )
    return len(connection.execute(asked.distinct().limit(2)).all()) > 1


def _below(kind: str, entity: str) -> Select[tuple[str]]:
    """The images below an entity."""
    images = select(t.images.c.accession)
    if kind in ("image", "annotation"):
        return images.where(t.images.c.accession == entity)  # one at most
    images = images.join(t.slides, t.slides.c.accession == t.images.c.slide)
    if kind == "slide":
        return images.where(t.slides.c.accession == entity)
    if kind == "block":
        return images.where(t.slides.c.block == entity)
    images = images.join(t.block_specimens, t.block_specimens.c.block == t.slides.c.block)
    if kind == "specimen":
        return images.where(t.block_specimens.c.specimen == entity)
    images = images.join(t.specimens, t.specimens.c.accession == t.block_specimens.c.specimen)
    column = t.specimens.c.case if kind == "case" else t.specimens.c.being
    return images.where(column == entity)


def _distinct(terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(terms))
