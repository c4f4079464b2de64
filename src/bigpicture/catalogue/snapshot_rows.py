"""What a snapshot tells of the images of one dataset, column by column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from bigpicture.catalogue.facts import DatasetFacts, ImageFacts, read_facts
from bigpicture.catalogue.terms import Term
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.query import Facet
from bigpicture.storage.records import tables as t

_Terms = tuple[Term, ...]

ONE = ("stain", "type", "tier")
"""Fields of which an image has one term."""
SEVERAL = ("organ", "species", "diagnosis", "confirmed", "use", "country")
NUMBERS = ("mpp", "magnification")
WHOLE = ("width", "height", "year")
"""Fields of whole numbers."""


@dataclass(frozen=True, slots=True)
class SnapshotRows:
    """A dataset's images in their order; every column has a value for each."""

    accessions: Sequence[str]
    aliases: Sequence[str]
    dataset: str
    title: str
    beings: Sequence[Sequence[str]]
    """Accessions: images of one being share it."""
    terms: Mapping[str, Sequence[_Terms]]
    numbers: Mapping[str, Sequence[float | None]]
    companion: Sequence[Mapping[str, Sequence[str]]]
    """Labels by companion variable."""


def read_rows(connection: Connection, dataset: str) -> SnapshotRows:
    """Read a published dataset; what was erased is not in it."""
    facts = read_facts(connection, dataset)
    beings = _beings(connection, dataset)
    images = facts.images
    shared = _of_dataset(facts)
    return SnapshotRows(
        accessions=[image.accession for image in images],
        aliases=[image.alias for image in images],
        dataset=dataset,
        title=str(facts.row["title"]),
        beings=[beings.get(image.accession, []) for image in images],
        terms={
            "stain": [image.stains for image in images],
            "organ": [image.organs for image in images],
            "species": [image.species for image in images],
            "diagnosis": [image.diagnosed for image in images],
            "confirmed": [_confirmed(image) for image in images],
            **{name: [terms] * len(images) for name, terms in shared.items()},
        },
        numbers={
            "mpp": [image.mpp_x for image in images],
            "magnification": [image.magnification for image in images],
            "width": [image.columns for image in images],
            "height": [image.rows for image in images],
            "year": [facts.row["published"].year] * len(images),
        },
        companion=[
            {name: [term.label for term in terms] for name, terms in image.companion.items()}
            for image in images
        ],
    )


def _confirmed(image: ImageFacts) -> _Terms:
    return tuple(each.term for each in image.diagnoses if each.qualifier is Qualifier.CONFIRMED)


def _of_dataset(facts: DatasetFacts) -> dict[str, _Terms]:
    return {
        "type": facts.terms(Facet.TYPE),
        "tier": facts.terms(Facet.TIER),
        "use": _words(facts.row["policy"].get("allowed_uses")),
        "country": _words(facts.row["landing"].get("geographical_areas")),
    }


def _words(value: Any) -> _Terms:  # noqa: ANN401 - JSON
    return tuple(Term(str(each), str(each)) for each in value or ())


def _beings(connection: Connection, dataset: str) -> dict[str, list[str]]:
    """The beings of each image, through its slide, block and specimens."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = connection.execute(
        select(t.images.c.accession, t.specimens.c.being)
        .join(t.slides, t.slides.c.accession == t.images.c.slide)
        .join(t.block_specimens, t.block_specimens.c.block == t.slides.c.block)
        .join(t.specimens, t.specimens.c.accession == t.block_specimens.c.specimen)
        .where(t.images.c.dataset == dataset)
        .distinct()
        .order_by(t.images.c.accession, t.specimens.c.being)
    )
    for image, being in rows:
        found[image].append(being)
    return found
