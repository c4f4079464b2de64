"""Read: the images of a dataset from the records, as a segment."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import JSON, Connection, RowMapping, Select, Table, Text, cast, func, select

from bigpicture.catalogue.companions import (
    Counted,
    VariableFacts,
    months,
    read_held,
    read_variables,
)
from bigpicture.catalogue.index.segment import Numbers, Segment, Terms
from bigpicture.catalogue.inherit import Observed, inherit
from bigpicture.catalogue.terms import (
    Diagnosis,
    Term,
    read_diagnoses,
    read_severities,
    read_terms,
    surest,
)
from bigpicture.model.field import FIELDS, FieldKind
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.policy import DatasetType
from bigpicture.storage.records import tables as t

OF_DATASET = ("dataset", "type", "tier", "use", "node", "country")
"""Fields of terms that all images of a dataset share."""
_YES, _NO = Term("yes", "Yes"), Term("no", "No")
_NOTHING: tuple[Term, ...] = ()
_LIKE = {
    "compound": frozenset({"compound", "test_article", "treatment", "extrt"}),
    "dose": frozenset({"dose", "dose_group", "dose_level", "exdose"}),
    "quality": frozenset({"quality", "quality_score", "image_quality"}),
}
"""Fields that companion variables of these names fill: the standard has no place for them."""
_COMPRESSIONS = {
    "image/jpeg": "JPEG",
    "image/jp2": "JPEG 2000",
    "image/jpx": "JPEG 2000",
    "image/jphc": "HTJ2K",
    "image/jls": "JPEG-LS",
    "image/jxl": "JPEG XL",
    "image/dicom-rle": "RLE",
    "application/octet-stream": "None",
}
_LOSSLESS = frozenset(f"1.2.840.10008.1.2.4.{last}" for last in (57, 70, 80, 90, 92, 110, 201, 202))
"""Transfer syntaxes that lose nothing (PS3.5 8.2, 10), of media types that others may share."""
_KEPT = 50_000
"""Different codes that are remembered as read."""
_RAW = {"width": "columns", "height": "rows", "mpp_x": "mpp_x", "mpp_y": "mpp_y"}


def erased_images(dataset: str) -> Select[tuple[str]]:
    """The images of a dataset that nobody can open any more: nor are they found."""
    return (
        select(t.levels.c.image)
        .join(t.images, t.images.c.accession == t.levels.c.image)
        .join(t.objects, t.objects.c.key == t.levels.c.object)
        .where(t.images.c.dataset == dataset, t.objects.c.header.is_(None))
    )


def read_segment(connection: Connection, dataset: str) -> Segment:
    """Read a published dataset whole: some fifteen queries, whatever its size."""
    found = connection.execute(select(t.datasets).where(t.datasets.c.accession == dataset))
    row = found.mappings().one()
    variables = read_variables(connection, dataset)
    return _Reader(connection, row, variables).read()


@dataclass(frozen=True, slots=True)
class _Origin:
    """What an image has of its block; images of one block share it."""

    entities: tuple[str, ...] = ()
    beings: tuple[Term, ...] = ()
    age: float | None = None
    terms: Mapping[str, tuple[Term, ...]] = field(default_factory=dict[str, tuple[Term, ...]])


@dataclass(frozen=True, slots=True)
class _Reaching:
    """What is stated of an image, by itself or from above."""

    diagnosis: tuple[Term, ...] = ()
    confirmed: tuple[Term, ...] = ()
    severity: tuple[Term, ...] = ()


class _Reader:
    def __init__(
        self, connection: Connection, row: RowMapping, variables: Sequence[VariableFacts]
    ) -> None:
        self._connection = connection
        self._row = row
        self._dataset = str(row["accession"])
        self._variables = variables

    def read(self) -> Segment:
        images = self._images()
        origins = self._origins()
        stainings = self._stainings()
        drawn = self._drawn()
        nowhere = _Origin()
        origin = [origins.get(row["block"], nowhere) for row in images]
        names = [str(row["accession"]) for row in images]
        ancestors = {
            name: (name, row["slide"], row["block"], *above.entities, *drawn.get(name, ()))
            for name, row, above in zip(names, images, origin, strict=True)
        }
        reaching = self._reaching(ancestors)
        stated = [reaching.get(name, _Reaching()) for name in names]
        companion = self._companion(ancestors)
        values: dict[str, Iterable[tuple[Term, ...]]] = {
            **{name: [each.terms.get(name, _NOTHING) for each in origin] for name in _OF_BLOCK},
            **{
                name: [stainings[row["staining"]][name] for row in images]
                for name in ("stain", "method", "target")
            },
            **{name: [getattr(each, name) for each in stated] for name in _Reaching.__slots__},
            **{name: self._like(name, companion, names) for name in _LIKE},
            "scanner": [_scanner(row) for row in images],
            "compression": [
                _compression(row["media_type"], row["transfer_syntax"]) for row in images
            ],
            "annotated": [(_YES,) if name in drawn else (_NO,) for name in names],
        }
        terms = {name: Terms.of(each) for name, each in values.items()}
        return Segment(
            dataset=self._dataset,
            seq=self._row["seq"],
            accessions=tuple(names),
            aliases=tuple(str(row["alias"]) for row in images),
            terms=terms,
            numbers={
                "age": Numbers.of([each.age for each in origin]),
                "mpp": Numbers.of([row["mpp_x"] for row in images]),
                "magnification": Numbers.of([row["magnification"] for row in images]),
            },
            raw={
                name: np.array([row[column] for row in images], np.float64)
                for name, column in _RAW.items()
            },
            beings=Terms.of(each.beings for each in origin),
            pictured=np.array([row["thumbnail"] is not None for row in images], np.uint8),
            info=self._info(len(images)),
            companion={
                name: Terms.of(companion[each].get(name, _NOTHING) for each in names)
                for name in self._counted
            },
        )

    @property
    def _counted(self) -> list[str]:
        return [each.name for each in self._variables if each.is_counted]

    def _images(self) -> Sequence[RowMapping]:
        held = t.levels.c
        base = select(held.image, held.media_type, held.transfer_syntax).where(held.level == 0)
        finest = base.subquery()
        asked = (
            select(
                *(each for each in t.images.c if each.name not in ("attributes", "searched")),
                t.slides.c.block,
                t.slides.c.staining,
                finest.c.media_type,
                finest.c.transfer_syntax,
            )
            .join(t.slides, t.slides.c.accession == t.images.c.slide)
            .outerjoin(finest, finest.c.image == t.images.c.accession)
            .where(
                t.images.c.dataset == self._dataset,
                t.images.c.accession.not_in(erased_images(self._dataset)),
            )
            .order_by(t.images.c.ordinal, t.images.c.accession)
        )
        return self._connection.execute(asked).mappings().all()

    def _rows(self, table: Table) -> Sequence[RowMapping]:
        """Codes come as text, as they are kept: most are alike, and each is read once."""
        columns = (
            cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column
            for column in table.c
            if column.name not in ("attributes", "text", "observers", "alias")
        )
        found = self._connection.execute(
            select(*columns).where(table.c.dataset == self._dataset).order_by(table.c.accession)
        )
        return found.mappings().all()

    def _stainings(self) -> dict[str, dict[str, tuple[Term, ...]]]:
        return {
            row["accession"]: {
                "stain": (Term(row["label"], row["label"]),),
                "method": (Term(row["method"], row["method"].capitalize()),)
                if row["method"]
                else _NOTHING,
                "target": _terms(row["target"]),
            }
            for row in self._rows(t.stainings)
        }

    def _origins(self) -> dict[str, _Origin]:
        """The origin of each block, through its specimens."""
        same = _Once()
        beings = {
            row["accession"]: {
                "species": _terms(row["species"]),
                "strain": _terms(row["strain"]),
                "sex": _sex(row["sex"]),
                "control": _control(row["control"]),
            }
            for row in self._rows(t.beings)
        }
        specimens = {
            row["accession"]: (
                {
                    "organ": _terms(row["site"]),
                    "extraction": _terms(row["extraction"]),
                    "fixation": _terms(row["fixation"]),
                    **beings.get(row["being"], {}),
                },
                row,
            )
            for row in self._rows(t.specimens)
        }
        prepared = {row["accession"]: _terms(row["preparation"]) for row in self._rows(t.blocks)}
        parts: dict[str, list[str]] = defaultdict(list)
        for block, specimen in self._connection.execute(
            select(t.block_specimens.c.block, t.block_specimens.c.specimen)
            .join(t.blocks, t.blocks.c.accession == t.block_specimens.c.block)
            .where(t.blocks.c.dataset == self._dataset)
            .order_by(t.block_specimens.c.specimen)
        ):
            parts[block].append(specimen)
        return {
            block: _joined([specimens[each] for each in names], prepared.get(block, ()), same)
            for block, names in parts.items()
        }

    def _drawn(self) -> dict[str, list[str]]:
        """The annotations of each image: what is observed on one, is observed of its image."""
        table = t.annotations
        asked = select(table.c.image, table.c.accession).where(table.c.dataset == self._dataset)
        drawn: dict[str, list[str]] = defaultdict(list)
        for image, annotation in self._connection.execute(asked):
            drawn[image].append(annotation)
        return drawn

    def _reaching(self, ancestors: Mapping[str, tuple[str, ...]]) -> dict[str, _Reaching]:
        rows = {row["accession"]: row for row in self._rows(t.observations)}
        observed = [Observed(name, row["on"], row["status"]) for name, row in rows.items()]
        read: dict[tuple[tuple[str, Qualifier], ...], _Reaching] = {}
        found: dict[str, _Reaching] = {}
        for image, reached in inherit(ancestors, observed).items():
            key = tuple(reached)
            if key not in read:
                read[key] = _stated([(rows[name], qualifier) for name, qualifier in reached])
            found[image] = read[key]
        return found

    def _companion(
        self, ancestors: Mapping[str, tuple[str, ...]]
    ) -> Mapping[str, Mapping[str, tuple[Term, ...]]]:
        if not self._variables:
            return {name: {} for name in ancestors}
        counted = Counted(self._variables, read_held(self._connection, self._dataset))
        return {name: counted(above) for name, above in ancestors.items()}

    def _like(
        self,
        name: str,
        companion: Mapping[str, Mapping[str, tuple[Term, ...]]],
        names: Sequence[str],
    ) -> list[tuple[Term, ...]]:
        wanted = [each for each in self._counted if each.casefold() in _LIKE[name]]
        if not wanted:
            return [_NOTHING] * len(names)
        return [companion[each].get(wanted[0], _NOTHING) for each in names]

    def _info(self, images: int) -> dict[str, Any]:
        """What is said of the dataset as a whole; JSON."""
        row, landing = self._row, self._row["landing"]
        counted = (t.beings, t.cases, t.observations, t.annotations)
        shared = {
            "dataset": (Term(self._dataset, row["alias"]),),
            "type": (_type(row["dataset_type"]),),
            "tier": (Term(row["tier"], row["tier"].capitalize()),),
            "use": _words(row["policy"].get("allowed_uses")),
            "node": (Term(self._dataset.partition("-")[0], self._dataset.partition("-")[0]),),
            "country": _words(landing.get("geographical_areas")),
        }
        keywords = map(str, landing.get("keywords") or ())
        said = ("accession", "alias", "title", "short_name", "description")
        return {
            "terms": {
                name: [[term.key, term.label] for term in terms] for name, terms in shared.items()
            },
            "year": row["published"].year,
            "published": row["published"].isoformat(),
            "title": row["title"],
            "words": "\n".join([*(str(row[name]) for name in said), *keywords]),
            "counts": {"images": images} | {table.name: self._count(table) for table in counted},
            "thumbnails": self._count(t.landing_thumbnails),
            "bytes": self._bytes(),
            "measured": [each.name for each in self._variables if each.is_measured],
        }

    def _count(self, table: Table) -> int:
        asked = select(func.count()).select_from(table).where(table.c.dataset == self._dataset)
        return self._connection.execute(asked).scalar_one()

    def _bytes(self) -> int:
        """Of the images as a reader gets them."""
        asked = (
            select(func.coalesce(func.sum(t.objects.c.size), 0))
            .select_from(t.levels)
            .join(t.images, t.images.c.accession == t.levels.c.image)
            .join(t.objects, t.objects.c.key == t.levels.c.object)
            .where(t.images.c.dataset == self._dataset)
        )
        return int(self._connection.execute(asked).scalar_one())


_OF_BLOCK = (
    "organ",
    "extraction",
    "fixation",
    "preparation",
    "species",
    "strain",
    "sex",
    "control",
)


class _Once:
    """Gives one tuple for all equal ones."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Term, ...], tuple[Term, ...]] = {}

    def __call__(self, terms: Iterable[Term]) -> tuple[Term, ...]:
        held = tuple(dict.fromkeys(terms))
        return self._kept.setdefault(held, held)


def _joined(
    parts: Sequence[tuple[Mapping[str, tuple[Term, ...]], RowMapping]],
    preparation: tuple[Term, ...],
    same: _Once,
) -> _Origin:
    rows = [row for _, row in parts]
    ages = [months(row["age_start"]) / 12 for row in rows if row["age_start"]]
    return _Origin(
        entities=tuple(
            dict.fromkeys(
                row[name] for row in rows for name in ("accession", "being", "case") if row[name]
            )
        ),
        beings=same(Term(row["being"], "") for row in rows),
        age=round(ages[0], 1) if ages else None,
        terms={
            "preparation": same(preparation),
            **{
                name: same(term for terms, _ in parts for term in terms.get(name, ()))
                for name in _OF_BLOCK
                if name != "preparation"
            },
        },
    )


def _stated(reached: Sequence[tuple[RowMapping, Qualifier]]) -> _Reaching:
    diagnoses = surest(
        diagnosis
        for row, qualifier in reached
        for diagnosis in _diagnoses(row["kind"], row["codes"], qualifier)
    )
    severity = (term for row, _ in reached for term in _severities(row["kind"], row["codes"]))
    return _Reaching(
        tuple(each.term for each in diagnoses),
        tuple(each.term for each in diagnoses if each.qualifier is Qualifier.CONFIRMED),
        tuple(dict.fromkeys(severity)),
    )


@lru_cache(maxsize=_KEPT)
def _terms(codes: str | None) -> tuple[Term, ...]:
    return read_terms(json.loads(codes)) if codes else ()


@lru_cache(maxsize=_KEPT)
def _diagnoses(kind: str, codes: str, qualifier: Qualifier) -> tuple[Diagnosis, ...]:
    return read_diagnoses(kind, json.loads(codes), qualifier)


@lru_cache(maxsize=_KEPT)
def _severities(kind: str, codes: str) -> tuple[Term, ...]:
    return read_severities(kind, json.loads(codes))


def _sex(sex: str | None) -> tuple[Term, ...]:
    return (Term(sex, sex.capitalize()),) if sex else _NOTHING


def _control(control: str | None) -> tuple[Term, ...]:
    return (Term(control, control.capitalize()),) if control else _NOTHING


def _scanner(row: RowMapping) -> tuple[Term, ...]:
    name = " ".join(filter(None, (row["manufacturer"], row["model"])))
    return (Term(name, name),) if name else _NOTHING


def _compression(media_type: str | None, transfer_syntax: str | None) -> tuple[Term, ...]:
    name = _COMPRESSIONS.get(media_type, media_type) if media_type else None
    if name and transfer_syntax in _LOSSLESS:
        name = f"{name} lossless"
    return (Term(name, name),) if name else _NOTHING


def _type(dataset_type: str) -> Term:
    if DatasetType.read(dataset_type).is_clinical:
        return Term("clinical", "Clinical")
    return Term("non-clinical", "Non-clinical")


def _words(value: object) -> tuple[Term, ...]:
    listed = value if isinstance(value, list | tuple) else ()
    return tuple(Term(str(each), str(each)) for each in dict.fromkeys(listed) if each)


COLUMNS = tuple(
    name
    for name, each in FIELDS.items()
    if each.kind is FieldKind.TERM and name not in (*OF_DATASET, "image")
)
"""Fields of terms that images have each for itself."""
