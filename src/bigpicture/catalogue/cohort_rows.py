"""Rows: the images of a frozen list that somebody may open now, with what is known of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bigpicture.catalogue.catalogue import Catalogue
from bigpicture.catalogue.cohort_freeze import Images
from bigpicture.catalogue.selection import Selection
from bigpicture.model.dealing import Split, split
from bigpicture.model.errors import InputError
from bigpicture.model.field import FieldKind, kind_of
from bigpicture.model.question import EVERYTHING
from bigpicture.model.scope import Scope
from bigpicture.model.split import Apart, SplitPart


@dataclass(frozen=True, slots=True)
class Rows:
    """`at` are the places of the list's images in `selection`; `gone` are not there any more."""

    selection: Selection
    at: tuple[int, ...]
    gone: int

    def __len__(self) -> int:
        return len(self.at)

    @property
    def images(self) -> list[str]:
        return [self.selection.accessions[at] for at in self.at]

    @property
    def datasets(self) -> list[str]:
        return [self.selection.datasets[at] for at in self.at]

    @property
    def beings(self) -> list[tuple[str, ...]]:
        """Opaque keys."""
        return [tuple(self.selection.beings[at].split(";")) for at in self.at]

    def terms(self, field: str) -> list[tuple[str, ...]]:
        """Labels of a field of terms."""
        column = self.selection.column(field)
        return [column[at] for at in self.at]

    def numbers(self, field: str) -> list[float | None]:
        column = self.selection.numbers(field)
        return [column[at] for at in self.at]


def read_rows(catalogue: Catalogue, images: Images, opened: Collection[str]) -> Rows:
    """The images of a list that lie in datasets `opened`, in the order of the catalogue."""
    scope = Scope(opened=frozenset(opened).intersection(images))
    selection = catalogue.select(EVERYTHING, scope)
    wanted = {image for dataset in scope.opened for image in images[dataset]}
    at = tuple(n for n, image in enumerate(selection.accessions) if image in wanted)
    return Rows(selection, at, len(wanted) - len(at))


def split_rows(
    rows: Rows,
    parts: Sequence[SplitPart],
    *,
    apart: Apart,
    seed: str,
    field: str,
    centers: Mapping[str, str],
) -> Split:
    """Split these images; `centers` names the center of each dataset, `field` may be empty.

    Raises `InputError` for a field that holds no terms.
    """
    strata = None
    if field:
        if kind_of(field) is not FieldKind.TERM:
            raise InputError(
                "images cannot be stratified by this.",
                place="by",
                rule="a field of terms, such as diagnosis, organ, stain",
            )
        strata = ["; ".join(sorted(terms)) or "not said" for terms in rows.terms(field)]
    keys = [
        [f"being {being}" for being in beings] + _sites(dataset, apart, centers)
        for beings, dataset in zip(rows.beings, rows.datasets, strict=True)
    ]
    return split(rows.images, keys, parts, seed=seed, strata=strata)


def _sites(dataset: str, apart: Apart, centers: Mapping[str, str]) -> list[str]:
    if apart is Apart.BEING:
        return []
    held = [f"dataset {dataset}"]
    if apart is Apart.CENTER and centers.get(dataset):
        held.append(f"center {centers[dataset].casefold()}")
    return held
