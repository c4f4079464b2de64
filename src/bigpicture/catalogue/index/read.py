"""Read: the images of a dataset from the records, as a segment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import JSON, Connection, RowMapping, Select, Table, Text, cast, func, select

from bigpicture.catalogue.companions import Counted, VariableFacts, read_held, read_variables
from bigpicture.catalogue.index.origin import (
    OF_BLOCK,
    Once,
    Origin,
    Reaching,
    origin_of,
    reaching_of,
)
from bigpicture.catalogue.index.segment import Numbers, Segment, Terms
from bigpicture.catalogue.index.worded import (
    NOTHING,
    compression_of,
    control_of,
    scanner_of,
    sex_of,
    terms_of,
    type_of,
    words_of,
)
from bigpicture.catalogue.inherit import Observed, inherit
from bigpicture.catalogue.terms import Term
from bigpicture.model.inheritance import Qualifier
from bigpicture.storage.records import tables as t

_YES, _NO = Term("yes", "Yes"), Term("no", "No")
_LIKE = {
    "compound": frozenset({"compound", "test_article", "treatment", "extrt"}),
    "dose": frozenset({"dose", "dose_group", "dose_level", "exdose"}),
    "quality": frozenset({"quality", "quality_score", "image_quality"}),
}
"""Fields that companion variables of these names fill: the standard has no place for them."""
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
        nowhere = Origin()
        origin = [origins.get(row["block"], nowhere) for row in images]
        names = [str(row["accession"]) for row in images]
        ancestors = {
            name: (name, row["slide"], row["block"], *above.entities, *drawn.get(name, ()))
            for name, row, above in zip(names, images, origin, strict=True)
        }
        reaching = self._reaching(ancestors)
        stated = [reaching.get(name, Reaching()) for name in names]
        companion = self._companion(ancestors)
        values: dict[str, Iterable[tuple[Term, ...]]] = {
            **{name: [each.terms.get(name, NOTHING) for each in origin] for name in OF_BLOCK},
            **{
                name: [stainings[row["staining"]][name] for row in images]
                for name in ("stain", "method", "target")
            },
            **{name: [getattr(each, name) for each in stated] for name in Reaching.__slots__},
            **{name: self._like(name, companion, names) for name in _LIKE},
            "scanner": [scanner_of(row) for row in images],
            "compression": [
                compression_of(row["media_type"], row["transfer_syntax"]) for row in images
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
                name: Terms.of(companion[each].get(name, NOTHING) for each in names)
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
                else NOTHING,
                "target": terms_of(row["target"]),
            }
            for row in self._rows(t.stainings)
        }

    def _origins(self) -> dict[str, Origin]:
        """The origin of each block, through its specimens."""
        same = Once()
        beings = {
            row["accession"]: {
                "species": terms_of(row["species"]),
                "strain": terms_of(row["strain"]),
                "sex": sex_of(row["sex"]),
                "control": control_of(row["control"]),
            }
            for row in self._rows(t.beings)
        }
        specimens = {
            row["accession"]: (
                {
                    "organ": terms_of(row["site"]),
                    "extraction": terms_of(row["extraction"]),
                    "fixation": terms_of(row["fixation"]),
                    **beings.get(row["being"], {}),
                },
                row,
            )
            for row in self._rows(t.specimens)
        }
        prepared = {row["accession"]: terms_of(row["preparation"]) for row in self._rows(t.blocks)}
        parts: dict[str, list[str]] = defaultdict(list)
        for block, specimen in self._connection.execute(
            select(t.block_specimens.c.block, t.block_specimens.c.specimen)
            .join(t.blocks, t.blocks.c.accession == t.block_specimens.c.block)
            .where(t.blocks.c.dataset == self._dataset)
            .order_by(t.block_specimens.c.specimen)
        ):
            parts[block].append(specimen)
        return {
            block: origin_of([specimens[each] for each in names], prepared.get(block, ()), same)
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

    def _reaching(self, ancestors: Mapping[str, tuple[str, ...]]) -> dict[str, Reaching]:
        rows = {row["accession"]: row for row in self._rows(t.observations)}
        observed = [Observed(name, row["on"], row["status"]) for name, row in rows.items()]
        read: dict[tuple[tuple[str, Qualifier], ...], Reaching] = {}
        found: dict[str, Reaching] = {}
        for image, reached in inherit(ancestors, observed).items():
            key = tuple(reached)
            if key not in read:
                read[key] = reaching_of([(rows[name], qualifier) for name, qualifier in reached])
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
            return [NOTHING] * len(names)
        return [companion[each].get(wanted[0], NOTHING) for each in names]

    def _info(self, images: int) -> dict[str, Any]:
        """What is said of the dataset as a whole; JSON."""
        row, landing = self._row, self._row["landing"]
        counted = (t.beings, t.cases, t.observations, t.annotations)
        shared = {
            "dataset": (Term(self._dataset, row["alias"]),),
            "type": (type_of(row["dataset_type"]),),
            "tier": (Term(row["tier"], row["tier"].capitalize()),),
            "use": words_of(row["policy"].get("allowed_uses")),
            "node": (Term(self._dataset.partition("-")[0], self._dataset.partition("-")[0]),),
            "country": words_of(landing.get("geographical_areas")),
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
