"""A selection: every image that answers a question, as columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bigpicture.catalogue.ask import asked
from bigpicture.catalogue.facts import DatasetFacts, ImageFacts
from bigpicture.catalogue.terms import Term
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.query import Facet
from bigpicture.model.question import Question
from bigpicture.storage.records import tables as t


@dataclass(frozen=True, slots=True)
class Selection:
    """In the order of dataset accession, then ordinal; a column has a value for each image.

    `beings` are opaque keys: images of one being share it, those of several join them by `;`.
    """

    accessions: list[str]
    datasets: list[str]
    beings: list[str]
    images: list[ImageFacts]
    facts: Mapping[str, DatasetFacts]

    def __len__(self) -> int:
        return len(self.accessions)

    def column(self, field: str) -> list[tuple[str, ...]]:
        """Labels of a field of terms, for each image."""
        read = _reader(field, self.facts)
        return [tuple(term.label for term in read(image)) for image in self.images]

    def numbers(self, field: str) -> list[float | None]:
        """A field of numbers, for each image."""
        read = _NUMBERS[field]
        return [read(image) for image in self.images]


def select_images(
    connection: Connection, datasets: Sequence[DatasetFacts], question: Question
) -> Selection:
    """The images of these datasets that answer."""
    ordered = sorted(datasets, key=lambda each: each.accession)
    holds = asked(question, ordered)
    found = [image for facts in ordered for image in facts.images if holds(image)]
    beings = _beings(connection, [facts.accession for facts in ordered])
    return Selection(
        accessions=[image.accession for image in found],
        datasets=[image.dataset for image in found],
        beings=[";".join(beings.get(image.accession, [image.accession])) for image in found],
        images=found,
        facts={facts.accession: facts for facts in ordered},
    )


def _beings(connection: Connection, datasets: Sequence[str]) -> Mapping[str, list[str]]:
    """The beings of each image, through its slide, block and specimens."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = connection.execute(
        select(t.images.c.accession, t.specimens.c.being)
        .join(t.slides, t.slides.c.accession == t.images.c.slide)
        .join(t.block_specimens, t.block_specimens.c.block == t.slides.c.block)
        .join(t.specimens, t.specimens.c.accession == t.block_specimens.c.specimen)
        .where(t.images.c.dataset.in_(datasets))
        .distinct()
        .order_by(t.images.c.accession, t.specimens.c.being)
    )
    for image, being in rows:
        found[image].append(being)
    return found


def _reader(
    field: str, facts: Mapping[str, DatasetFacts]
) -> Callable[[ImageFacts], tuple[Term, ...]]:
    if field == "confirmed":
        return _confirmed
    if field == "dataset":
        return lambda image: (Term(image.dataset, str(facts[image.dataset].row["alias"])),)
    facet = Facet(field)
    if facet in (Facet.TYPE, Facet.TIER):
        return lambda image: facts[image.dataset].terms(facet)
    return lambda image: image.terms(facet)


def _confirmed(image: ImageFacts) -> tuple[Term, ...]:
    return tuple(each.term for each in image.diagnoses if each.qualifier is Qualifier.CONFIRMED)


_NUMBERS: Mapping[str, Callable[[ImageFacts], float | None]] = {
    "mpp": lambda image: image.mpp_x,
    "magnification": lambda image: image.magnification,
    "width": lambda image: image.columns,
    "height": lambda image: image.rows,
}
