"""A segment: the images of one dataset in columns, as the records keep it for the index."""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from bigpicture.catalogue.index.container import pack, unpack
from bigpicture.catalogue.terms import Term
from bigpicture.model.errors import IntegrityError

VERSION = 3
"""Of the layout and of what is read: a segment of another version is made anew."""

Codes: TypeAlias = NDArray[np.uint32]

_QUICK = 1
_T = TypeVar("_T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Terms:
    """A column of sets of terms: each image has the code of one set.

    `items[offsets[code] : offsets[code + 1]]` are the set's places in `keys` and `labels`.
    """

    codes: Codes
    offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    keys: tuple[str, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, values: Iterable[tuple[Term, ...]]) -> Self:
        """A column of one value an image; equal ones share a code."""
        codes, sets = _encode(values)
        terms = list(dict.fromkeys(term for each in sets for term in each))
        place = {term: at for at, term in enumerate(terms)}
        lengths = [len(each) for each in sets]
        return cls(
            codes,
            np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))).astype(np.int64),
            np.array([place[term] for each in sets for term in each], np.int32),
            tuple(term.key for term in terms),
            tuple(term.label for term in terms),
        )

    def terms(self) -> tuple[Term, ...]:
        return tuple(map(Term, self.keys, self.labels))


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers, ascending in `values`; NaN, where there is one, is the last."""

    codes: Codes
    values: NDArray[np.float64]

    @classmethod
    def of(cls, numbers: Sequence[float | None]) -> Self:
        held = np.array([np.nan if each is None else each for each in numbers], np.float64)
        values, codes = np.unique(held, return_inverse=True)
        return cls(codes.astype(np.uint32), values)


@dataclass(frozen=True, slots=True)
class Segment:
    """`terms` and `numbers` by field; `raw` are numbers as they are: width, height, mpp_x, mpp_y.

    `info` is of the dataset as a whole. `beings` are sets like terms, of accessions. `pictured`
    is 1 where there is a thumbnail.
    """

    dataset: str
    seq: int
    accessions: tuple[str, ...]
    aliases: tuple[str, ...]
    terms: Mapping[str, Terms]
    numbers: Mapping[str, Numbers]
    raw: Mapping[str, NDArray[np.float64]]
    beings: Terms
    pictured: NDArray[np.uint8]
    info: Mapping[str, Any]
    companion: Mapping[str, Terms] = field(default_factory=dict[str, Terms])

    def __len__(self) -> int:
        return len(self.accessions)

    def as_bytes(self) -> bytes:
        """Compressed; read again by `from_bytes`."""
        arrays: dict[str, NDArray[Any]] = {"pictured": self.pictured}
        words: dict[str, Any] = {}
        for kind, columns in (
            ("terms", self.terms),
            ("companion", self.companion),
            ("beings", {"": self.beings}),
        ):
            for name, column in columns.items():
                arrays[f"{kind}/{name}/codes"] = column.codes
                arrays[f"{kind}/{name}/offsets"] = column.offsets
                arrays[f"{kind}/{name}/items"] = column.items
                words[f"{kind}/{name}"] = [column.keys, column.labels]
        for name, numbers in self.numbers.items():
            arrays[f"numbers/{name}/codes"] = numbers.codes
            arrays[f"numbers/{name}/values"] = numbers.values
        for name, raw in self.raw.items():
            arrays[f"raw/{name}"] = raw
        header = {
            "dataset": self.dataset,
            "seq": self.seq,
            "accessions": "\n".join(self.accessions),
            "aliases": "\0".join(self.aliases),
            "words": words,
            "info": self.info,
        }
        return zlib.compress(pack(header, arrays), _QUICK)

    @classmethod
    def from_bytes(cls, data: bytes, *, place: str) -> Self:
        """Raises `IntegrityError` where `data` is no segment."""
        try:
            header, arrays = unpack(zlib.decompress(data), place=place)
            columns: dict[str, dict[str, Any]] = {"terms": {}, "companion": {}, "beings": {}}
            for name, (keys, labels) in header["words"].items():
                kind, _, of = name.partition("/")
                columns[kind][of] = Terms(
                    arrays[f"{name}/codes"],
                    arrays[f"{name}/offsets"],
                    arrays[f"{name}/items"],
                    tuple(keys),
                    tuple(labels),
                )
            numbers = {
                name.split("/")[1]: Numbers(arrays[name], arrays[name.replace("/codes", "/values")])
                for name in arrays
                if name.startswith("numbers/") and name.endswith("/codes")
            }
            raw = {
                name.removeprefix("raw/"): array
                for name, array in arrays.items()
                if name.startswith("raw/")
            }
            return cls(
                dataset=header["dataset"],
                seq=header["seq"],
                accessions=_split(header["accessions"], "\n"),
                aliases=_split(header["aliases"], "\0"),
                terms=columns["terms"],
                numbers=numbers,
                raw=raw,
                beings=columns["beings"][""],
                pictured=arrays["pictured"],
                info=header["info"],
                companion=columns["companion"],
            )
        except (zlib.error, LookupError, TypeError, ValueError) as error:
            raise IntegrityError("it is no segment of the index.", place=place) from error


def _split(joined: str, by: str) -> tuple[str, ...]:
    return tuple(joined.split(by)) if joined else ()


def _encode(values: Iterable[_T]) -> tuple[Codes, list[_T]]:
    """Codes in the order in which values first come."""
    seen: dict[_T, int] = {}
    codes = [seen.setdefault(value, len(seen)) for value in values]
    return np.array(codes, np.uint32), list(seen)
