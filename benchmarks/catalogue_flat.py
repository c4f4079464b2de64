"""The flat table that peers are given: one row an image, every value worked out beforehand.

Read from the records by joins of its own, so that the catalogue's answers are compared with
something that did not pass through the catalogue.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from bigpicture.catalogue.hierarchy import Hierarchy
from bigpicture.storage.records import Records
from bigpicture.storage.records import tables as t

SINGLE = (
    "dataset", "being", "species", "strain", "sex", "control", "compound", "dose", "preparation",
    "stain", "method", "target", "scanner", "type", "tier", "node", "country",
)  # fmt: skip
"""Columns with one key, or none."""
LISTS = ("organ", "extraction", "fixation", "diagnosis", "confirmed", "severity", "use")
"""Columns with several keys; organ, diagnosis and confirmed hold everything above them, too."""
ROLLED = ("organ", "diagnosis", "confirmed")
NUMBERS = ("age", "mpp", "magnification", "width", "height", "size", "year")
COLUMNS = ("id", "accession", "words", *SINGLE, *LISTS, *NUMBERS)

Flat = dict[str, list[Any]]
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
_MODIFIERS = {"MIRESCAT", "MISEV", "MICHRON", "MIDISTR", "MITEST"}


def flat_tables(records: Records, terms: Hierarchy) -> Iterator[Flat]:
    """The rows of each dataset as columns, in the order of accessions; `id` goes on through all."""
    first = 0
    with records.read() as connection:
        for dataset in sorted(connection.scalars(select(t.datasets.c.accession))):
            flat = _flat(connection, dataset, _Above(terms), first)
            first += len(flat["id"])
            yield flat


class _Above:
    """Keys with everything above them, each list worked out once."""

    def __init__(self, terms: Hierarchy) -> None:
        self._terms = terms
        self._known: dict[tuple[str, ...], list[str]] = {}

    def __call__(self, keys: Iterable[str]) -> list[str]:
        given = tuple(keys)
        if given not in self._known:
            above = (each for key in given for each in (key, *self._terms.ancestors(key)))
            self._known[given] = list(dict.fromkeys(above))
        return self._known[given]


def _flat(connection: Connection, dataset: str, above: _Above, first: int) -> Flat:
    head = connection.execute(select(t.datasets).where(t.datasets.c.accession == dataset))
    row = head.mappings().one()
    beings = {each["accession"]: each for each in _rows(connection, t.beings, dataset)}
    specimens = {each["accession"]: each for each in _rows(connection, t.specimens, dataset)}
    blocks = {each["accession"]: each for each in _rows(connection, t.blocks, dataset)}
    stainings = {each["accession"]: each for each in _rows(connection, t.stainings, dataset)}
    slides = {each["accession"]: each for each in _rows(connection, t.slides, dataset)}
    images = sorted(_rows(connection, t.images, dataset), key=lambda each: each["ordinal"])
    parts = _parts(connection, dataset)
    stated = _stated(connection, dataset, images, slides, specimens, parts)
    held = {each["entity"]: each["held"] for each in _rows(connection, t.companion_rows, dataset)}
    common = {
        "dataset": dataset,
        "type": "clinical" if row["dataset_type"].startswith("Clinical") else "non-clinical",
        "tier": row["tier"],
        "node": dataset.partition("-")[0],
        "country": row["landing"]["geographical_areas"][0],
        "use": row["policy"]["allowed_uses"],
        "year": row["published"].year,
    }
    flat: Flat = {name: [] for name in COLUMNS}
    for number, image in enumerate(images):
        slide = slides[image["slide"]]
        staining = stainings[slide["staining"]]
        of = [specimens[each] for each in sorted(parts[slide["block"]])]
        being = beings[of[0]["being"]]
        cells = held.get(being["accession"], {})
        said = stated[number]
        found = {
            **common,
            "id": first + number,
            "accession": image["accession"],
            "being": being["accession"],
            "species": _key(being["species"]),
            "strain": _key(being["strain"]),
            "sex": being["sex"],
            "control": being["control"],
            "compound": cells.get("compound"),
            "dose": cells.get("dose_group"),
            "preparation": _key(blocks[slide["block"]]["preparation"]),
            "stain": staining["label"],
            "method": staining["method"],
            "target": _key(staining["target"]),
            "scanner": f"{image['manufacturer']} {image['model']}",
            "organ": above(_keys(each["site"] for each in of)),
            "extraction": _keys(each["extraction"] for each in of),
            "fixation": _keys(each["fixation"] for each in of),
            "diagnosis": above(said["diagnosis"]),
            "confirmed": above(said["confirmed"]),
            "severity": list(said["severity"]),
            "age": _years(of[0]["age_start"]),
            "mpp": image["mpp_x"],
            "magnification": image["magnification"],
            "width": image["columns"],
            "height": image["rows"],
            "size": image["columns"] * image["rows"] / 1e6,
            "words": "\n".join(
                [
                    image["accession"], image["alias"], row["title"], staining["label"],
                    *(each["site"]["meaning"] for each in of), being["species"]["meaning"],
                    *said["labels"],
                ]
            ).casefold(),
        }  # fmt: skip
        for name in COLUMNS:
            flat[name].append(found[name])
    return flat


def _stated(
    connection: Connection,
    dataset: str,
    images: list[Mapping[str, Any]],
    slides: Mapping[str, Mapping[str, Any]],
    specimens: Mapping[str, Mapping[str, Any]],
    parts: Mapping[str, list[str]],
) -> list[dict[str, Any]]:
    """For each image what is stated of it and of all above it; see docs/questions.md."""
    on: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for each in _rows(connection, t.observations, dataset):
        on[each["on"]].append(each)
    reached: dict[str, set[int]] = defaultdict(set)
    above: list[list[str]] = []
    for number, image in enumerate(images):
        block = slides[image["slide"]]["block"]
        of = [specimens[each] for each in parts[block]]
        entities = [image["accession"], image["slide"], block]
        entities += [
            each[name] for each in of for name in ("accession", "case", "being") if each[name]
        ]
        above.append(list(dict.fromkeys(entities)))
        for entity in above[-1]:
            if entity in on:
                reached[entity].add(number)
    found: list[dict[str, Any]] = []
    for entities in above:
        said: dict[str, Any] = {
            "diagnosis": {}, "confirmed": {}, "severity": {}, "labels": {},
        }  # fmt: skip
        for entity in entities:
            for each in on.get(entity, ()):
                is_sure = each["status"] == "Distinct" or len(reached[entity]) == 1
                for code in each["codes"]:
                    key = f"{code['scheme']}:{code['code']}"
                    if code["tag"] == "MISEV":
                        said["severity"][key] = None
                    if code["tag"] in _MODIFIERS:
                        continue
                    said["diagnosis"][key] = None
                    said["labels"][code["meaning"]] = None
                    if is_sure:
                        said["confirmed"][key] = None
        found.append(said)
    return found


def _parts(connection: Connection, dataset: str) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = defaultdict(list)
    asked = select(t.block_specimens).join(
        t.blocks, t.blocks.c.accession == t.block_specimens.c.block
    )
    for row in connection.execute(asked.where(t.blocks.c.dataset == dataset)):
        parts[row.block].append(row.specimen)
    return parts


def _rows(connection: Connection, table: Any, dataset: str) -> list[Mapping[str, Any]]:
    return list(connection.execute(select(table).where(table.c.dataset == dataset)).mappings())


def _key(code: Mapping[str, str] | None) -> str | None:
    return f"{code['scheme']}:{code['code']}" if code else None


def _keys(codes: Iterable[Mapping[str, str] | None]) -> list[str]:
    return list(dict.fromkeys(key for code in codes if (key := _key(code))))


def _years(duration: str | None) -> float | None:
    """A duration of ISO 8601 as years to a tenth, months of 365.25 / 12 days."""
    found = _DURATION.fullmatch(duration or "")
    if not duration or not found:
        return None
    years, months, weeks, days = (int(each or 0) for each in found.groups())
    return round(round(years * 12 + months + (weeks * 7 + days) / (365.25 / 12), 1) / 12, 1)


def as_text(value: object) -> object:
    """A list as PostgreSQL's array, for COPY."""
    if not isinstance(value, list):
        return value
    return "{" + ",".join(json.dumps(each) for each in value) + "}"
