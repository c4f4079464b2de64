"""Invented files of SNOMED CT's release format: a poly-hierarchy of any size, by seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from pathlib import Path

RELATION_HEADING = (
    "id\teffectiveTime\tactive\tmoduleId\tsourceId\tdestinationId\trelationshipGroup\ttypeId\t"
    "characteristicTypeId\tmodifierId"
)
DESCRIPTION_HEADING = (
    "id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId"
)
IS_A, OTHER = 116680003, 363698007
FULL, SYNONYM = 900000000000003001, 900000000000013009
RELATIONS = "sct2_Relationship_Snapshot_INT_20250101.txt"
DESCRIPTIONS = "sct2_Description_Snapshot-en_INT_20250101.txt"


# Concepts with numbers of our own: SNOMED CT's relations are not ours to copy.
NAMES = {101: "Disorder", 102: 'Growth of "any" kind', 103: "Growth (rare) of gut", 104: "Pain"}
ROWS = [
    (102, 101, IS_A, 1),
    (103, 102, IS_A, 1),
    (103, 101, IS_A, 1),
    (104, 101, IS_A, 1),
    (104, 102, IS_A, 0),
    (104, 103, OTHER, 1),
]


def write_rf2(
    folder: Path,
    relations: Iterable[tuple[int, int, int, int]],
    names: Mapping[int, str],
) -> None:
    """Write both files; a relation is (below, above, type, active)."""
    with (folder / RELATIONS).open("w", encoding="utf-8", newline="") as file:
        file.write(RELATION_HEADING + "\r\n")
        for number, (below, above, kind, active) in enumerate(relations):
            file.write(
                f"{number}\t20250101\t{active}\t900000000000207008\t{below}\t{above}\t0\t{kind}\t"
                "900000000000011006\t900000000000451002\r\n"
            )
    with (folder / DESCRIPTIONS).open("w", encoding="utf-8", newline="") as file:
        file.write(DESCRIPTION_HEADING + "\r\n")
        for number, (concept, name) in enumerate(names.items()):
            for kind, term in ((FULL, f"{name} (disorder)"), (SYNONYM, f'"{name}" so called')):
                file.write(
                    f"{number}\t20250101\t1\t900000000000207008\t{concept}\ten\t{kind}\t{term}\t"
                    "900000000000448009\r\n"
                )


def write_large(folder: Path, *, concepts: int, relations: int, seed: int = 7) -> None:
    """Write a poly-hierarchy: half of the relations are is-a, each to an earlier concept."""
    chance = random.Random(seed)
    rows: list[tuple[int, int, int, int]] = []
    for number in range(1, concepts):
        rows.append((_concept(number), _concept(chance.randrange(number)), IS_A, 1))
    while len(rows) < relations:
        number = chance.randrange(1, concepts)
        kind = IS_A if len(rows) < relations * 0.55 else OTHER
        rows.append((_concept(number), _concept(chance.randrange(number)), kind, 1))
    chance.shuffle(rows)
    write_rf2(folder, rows, {_concept(n): f"Invented disorder {n}" for n in range(concepts)})


def _concept(number: int) -> int:
    return 100_000_000 + number * 10
