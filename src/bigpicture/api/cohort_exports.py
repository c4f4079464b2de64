"""Exports of frozen lists: what every door to them asks for, and the answer as a file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Query
from fastapi.responses import StreamingResponse

from bigpicture.api.cohort_reach import Reach
from bigpicture.api.node import Node
from bigpicture.catalogue.cohort_freeze import Images
from bigpicture.catalogue.cohort_rows import Rows, read_rows, split_rows
from bigpicture.catalogue.export.export import About, Export, Source, keep_part, make_columns
from bigpicture.catalogue.export.forms import FORMATS
from bigpicture.model.dealing import Split
from bigpicture.model.errors import ConflictError, InputError
from bigpicture.model.export_form import Form
from bigpicture.model.split import Apart, SplitPart, parse_parts

Parts = Annotated[
    str, Query(max_length=1000, description="such as train:0.7,tune:0.1,test:0.2; empty: no split")
]
ApartAsked = Annotated[Apart, Query(description="what is never on two sides")]
By = Annotated[str, Query(max_length=60, description="a field whose terms each part has alike")]
Seed = Annotated[str, Query(max_length=100, description="another seed, another split")]
Part = Annotated[str, Query(max_length=40, description="only this part of the split")]
FormAsked = Annotated[Form, Query(description="the format")]


@dataclass(frozen=True, slots=True)
class SplitAsked:
    """How a list is to be split; without `parts` it is not."""

    parts: tuple[SplitPart, ...] = ()
    apart: Apart = Apart.BEING
    by: str = ""
    seed: str = ""
    part: str = ""

    @classmethod
    def read(cls, parts: str, apart: Apart, by: str, seed: str, part: str = "") -> SplitAsked:
        """Raises `InputError`."""
        read = parse_parts(parts) if parts.strip() else ()
        if part and part not in {each.name for each in read}:
            raise InputError("there is no such part.", place="part", rule="a name of `parts`")
        return cls(read, apart, by, seed, part)

    @property
    def words(self) -> str:
        """The split as it is told beside its rows."""
        if not self.parts:
            return ""
        shares = ", ".join(f"{each.name} {each.share / 10_000:g}%" for each in self.parts)
        by = f", stratified by {self.by}" if self.by else ""
        only = f" Only the part {self.part} is in here." if self.part else ""
        return f"Split into {shares}; no {self.apart} on two sides{by}; seed {self.seed!r}.{only}"

    @property
    def query(self) -> dict[str, str]:
        if not self.parts:
            return {}
        parts = ",".join(f"{each.name}:{each.share}" for each in self.parts)
        told = {"parts": parts, "apart": self.apart, "by": self.by, "seed": self.seed}
        return {name: value for name, value in {**told, "part": self.part}.items() if value}


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen list and what is said of it; `door` is its address at the node, without export."""

    about: About
    images: Images
    door: str


def read_open(node: Node, reach: Reach, images: Images) -> Rows:
    """What is open of a list; raises `ConflictError` where nothing is."""
    rows = read_rows(node.catalogue, images, reach.opened)
    if not len(rows):
        raise ConflictError(
            "no image of this list is open to you now.",
            remedy="The cohort's request says where to apply.",
        )
    return rows


def make_split(rows: Rows, reach: Reach, asked: SplitAsked) -> Split:
    """Split what is open."""
    return split_rows(
        rows,
        asked.parts,
        apart=asked.apart,
        seed=asked.seed,
        field=asked.by,
        centers={name: each.center for name, each in reach.known.items()},
    )


def split_digest(images: Sequence[str], names: Sequence[str]) -> str:
    """SHA-256 of the sorted lines `accession TAB part`: two splits with one digest are the same."""
    told = hashlib.sha256()
    for image, name in sorted(zip(images, names, strict=True)):
        told.update(f"{image}\t{name}\n".encode())
    return told.hexdigest()


def sources_of(reach: Reach, rows: Rows, address: str) -> tuple[Source, ...]:
    """The datasets that rows come from, with their terms."""
    counts: dict[str, int] = {}
    for dataset in rows.datasets:
        counts[dataset] = counts.get(dataset, 0) + 1
    return tuple(
        Source(
            accession=name,
            title=reach.known[name].title,
            version=reach.known[name].version,
            images=count,
            address=f"{address}/datasets/{name}",
            policy=reach.known[name].policy,
            contact=reach.known[name].contact,
        )
        for name, count in sorted(counts.items())
    )


def table_address(door: str, asked: SplitAsked) -> str:
    """Where the same rows are as CSV."""
    return f"{door}/export?{urlencode({'form': Form.CSV, **asked.query})}"


def answer_export(
    about: About, rows: Rows, made: Split | None, *, part: str, form: Form
) -> StreamingResponse:
    """The file, sent as it is written."""
    columns = make_columns(rows, made)
    if part:
        columns = keep_part(columns, part)
    export, written = Export(about, columns), FORMATS[form]
    return StreamingResponse(
        written.write(export),
        media_type=written.media_type,
        headers={"Content-Disposition": _disposition(about, part, written.ending)},
    )


def _disposition(about: About, part: str, ending: str) -> str:
    """A file name that every system takes, and the cohort's own one (RFC 6266)."""
    rest = f"-v{about.version}" if about.version else ""
    rest += f"-{part}" if part else ""
    rest += "" if about.is_whole else "-incomplete"
    plain = re.sub(r"[^a-z0-9]+", "-", about.name.lower()).strip("-")[:60].strip("-") or "cohort"
    full = re.sub(r'[\\/:*?"<>|]+', "-", about.name)[:100]
    return (
        f'attachment; filename="{plain}{rest}{ending}"; '
        f"filename*=UTF-8''{quote(f'{full}{rest}{ending}', safe='')}"
    )
