"""Rows: everything that the records hold of one invented dataset, table by table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any

import numpy as np

from bigpicture.model.attribute import code_as_json
from bigpicture.model.code import Code
from bigpicture.model.identifiers import ACCESSION_LETTERS
from bigpicture.phantom import terms
from bigpicture.phantom.records import choices as c
from bigpicture.phantom.records.choices import few, pick, weights_of
from bigpicture.phantom.records.observed import observations
from bigpicture.phantom.records.plan import CENTER, PlannedDataset
from bigpicture.phantom.records.tree import grow, within
from bigpicture.phantom.records.words import names


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of one table; JSON is written already."""

    table: str
    columns: tuple[str, ...]
    rows: Iterable[tuple[Any, ...]]


def rows_of(planned: PlannedDataset) -> Iterator[TableRows]:
    """Every row below the dataset's own, parents before children."""
    yield from _Made(planned).tables()


class _Made:
    """Draws once what several tables share."""

    def __init__(self, planned: PlannedDataset) -> None:
        self._planned = planned
        self._chance = planned.chance()
        self._tree = tree = grow(self._chance, planned.slides, is_clinical=planned.is_clinical)
        cases = len(tree.being_of_case) if planned.is_clinical else 0
        counts = (tree.beings, cases, tree.specimens, tree.blocks, planned.slides)
        samples = names(f"{CENTER}-sample-{planned.letters}-a", ACCESSION_LETTERS, sum(counts))
        ends = np.cumsum(counts).tolist()
        self._beings, self._cases, self._specimens, self._blocks, self._slides = (
            samples[end - count : end] for end, count in zip(ends, counts, strict=True)
        )
        self._images = names(
            f"{CENTER}-image-{planned.letters}-a", ACCESSION_LETTERS, planned.slides
        )
        self._organs = few(self._chance, self._sites, 1 + int(self._chance.geometric(0.45)))
        if not planned.is_clinical:
            self._organs = few(self._chance, self._sites, int(self._chance.integers(12, 37)))
        self._organ_of_specimen = self._drawn_organs()
        self._is_control = self._chance.random(tree.beings) < 0.25

    @property
    def _sites(self) -> Sequence[tuple[Any, ...]]:
        return c.ORGANS if self._planned.is_clinical else c.ANIMAL_ORGANS

    def tables(self) -> Iterator[TableRows]:
        planned, tree = self._planned, self._tree
        yield self._entities("beings", self._beings, "B", self._of_beings())
        if planned.is_clinical:
            beings = [self._beings[each] for each in tree.being_of_case.tolist()]
            yield self._entities("cases", self._cases, "C", {"being": beings})
        yield self._entities("specimens", self._specimens, "P", self._of_specimens())
        preparations = json_of([code for code, _ in c.PREPARATIONS])
        prepared = self._picked(c.PREPARATIONS, tree.blocks)
        yield self._entities(
            "blocks", self._blocks, "K", {"preparation": [preparations[each] for each in prepared]}
        )
        yield TableRows("block_specimens", ("block", "specimen"), self._of_blocks())
        stainings = self._stainings()
        yield self._entities("stainings", [name for name, _ in stainings], "N", {
            "label": [stain[0] for _, stain in stainings],
            "method": [stain[1] for _, stain in stainings],
            "target": [json_of([stain[2]])[0] if stain[2] else None for _, stain in stainings],
        })  # fmt: skip
        blocks = [self._blocks[each] for each in tree.block_of_slide.tolist()]
        stained = self._stained(len(stainings))
        yield self._entities("slides", self._slides, "S", {
            "block": blocks, "staining": [stainings[each][0] for each in stained],
        })  # fmt: skip
        yield self._entities("images", self._images, "I", self._of_images())
        observers = names(f"{CENTER}-observer-{planned.letters}-a", ACCESSION_LETTERS, 3)
        yield self._entities("observers", observers, "O", {"kind": ["Person"] * 3})
        columns = observations(
            self._chance,
            is_clinical=planned.is_clinical,
            tree=tree,
            organs=self._organ_of_specimen,
            is_control=self._is_control,
            cases=self._cases,
            slides=self._slides,
            images=self._images,
            observers=observers,
        )
        stated = names(
            f"{CENTER}-observation-{planned.letters}-a", ACCESSION_LETTERS, len(columns["on"])
        )
        yield self._entities("observations", stated, "M", columns)
        if not planned.is_clinical:
            yield from self._companions()

    def _entities(
        self, table: str, accessions: Sequence[str], letter: str, columns: dict[str, list[Any]]
    ) -> TableRows:
        own = ("accession", "dataset", "alias", "attributes")
        aliases = [f"{letter}{number}" for number in range(len(accessions))]
        rows = zip(
            accessions,
            repeat(self._planned.accession),
            aliases,
            repeat("{}"),
            *columns.values(),
            strict=False,
        )
        return TableRows(table, (*own, *columns), rows)

    def _drawn_organs(self) -> list[int]:
        """The organ of each specimen; animals of one study give the same organs in turn."""
        tree = self._tree
        if self._planned.is_clinical:
            weights = [float(c.ORGANS[each][-1]) for each in self._organs]
            drawn = pick(self._chance, weights, len(tree.being_of_case))
            return [self._organs[each] for each in drawn[tree.case_of_specimen].tolist()]
        at = within(tree.being_of_specimen) % len(self._organs)
        return [self._organs[each] for each in at.tolist()]

    def _picked(self, among: Sequence[tuple[Any, ...]], count: int) -> list[int]:
        return pick(self._chance, weights_of(among), count).tolist()

    def _of_beings(self) -> dict[str, list[Any]]:
        count = self._tree.beings
        if self._planned.is_clinical:
            human = json_of([terms.HUMAN])[0]
            sexes = [c.SEXES[each][0] for each in self._picked(c.SEXES, count)]
            return {
                "sex": sexes,
                "species": [human] * count,
                "strain": [None] * count,
                "control": [None] * count,
            }
        species, strains, _ = c.SPECIES[self._picked(c.SPECIES, 1)[0]]
        strain = terms.send(strains[int(self._chance.integers(len(strains)))])
        return {
            "sex": ["Male" if each < 0.5 else "Female" for each in self._chance.random(count)],
            "species": json_of([species]) * count,
            "strain": json_of([strain]) * count,
            "control": ["CONTROL" if each else "TREATED" for each in self._is_control.tolist()],
        }

    def _of_specimens(self) -> dict[str, list[Any]]:
        tree, chance, count = self._tree, self._chance, self._tree.specimens
        is_clinical = self._planned.is_clinical
        if is_clinical:
            sites = json_of([terms.snomed(code, name) for code, name, _ in c.ORGANS])
            extractions = json_of([code for code, _ in c.EXTRACTIONS])
            taken = self._picked(c.EXTRACTIONS, count)
            age = np.clip(chance.normal(58, 17, tree.beings), 0, 99).astype(np.int64) // 5 * 5
            ages = [f"P{each}Y" for each in age[tree.being_of_specimen].tolist()]
            length = "P5Y"
        else:
            sites = json_of([terms.send(word) for word, _ in c.ANIMAL_ORGANS])
            extractions, taken = json_of([terms.NECROPSY]), [0] * count
            ages = [f"P{int(chance.choice([10, 13, 19, 32, 110]))}W"] * count
            length = "P1W"
        fixations = json_of([code for code, _ in c.FIXATIONS])
        return {
            "being": [self._beings[each] for each in tree.being_of_specimen.tolist()],
            "case": [self._cases[each] for each in tree.case_of_specimen.tolist()]
            if is_clinical
            else [None] * count,
            "site": [sites[each] for each in self._organ_of_specimen],
            "extraction": [extractions[each] for each in taken],
            "fixation": [fixations[each] for each in self._picked(c.FIXATIONS, count)],
            "age_start": ages,
            "age_length": [length] * count,
        }

    def _of_blocks(self) -> Iterator[tuple[str, str]]:
        for block, first, second in zip(
            self._blocks,
            self._tree.specimen_of_block.tolist(),
            self._tree.second_specimen.tolist(),
            strict=True,
        ):
            yield block, self._specimens[first]
            if second >= 0:
                yield block, self._specimens[second]

    def _stainings(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Accession and choice of each staining; H&E is always the first."""
        most = int(self._chance.integers(3, 11)) if self._planned.is_clinical else 2
        chosen = [0, *(each for each in few(self._chance, c.STAINS, most) if each)]
        accessions = names(
            f"{CENTER}-staining-{self._planned.letters}-a", ACCESSION_LETTERS, len(chosen)
        )
        return list(zip(accessions, (c.STAINS[each] for each in chosen), strict=True))

    def _stained(self, stainings: int) -> list[int]:
        """Which staining each slide has: the first of a block is H&E."""
        slides = self._planned.slides
        if stainings == 1:
            return [0] * slides
        drawn = self._chance.integers(1, stainings, slides)
        share = 0.62 if self._planned.is_clinical else 0.05
        is_other = self._chance.random(slides) < share
        if self._planned.is_clinical:
            is_other &= within(self._tree.block_of_slide) > 0
        return np.where(is_other, drawn, 0).tolist()

    def _of_images(self) -> dict[str, list[Any]]:
        chance, slides = self._chance, self._planned.slides
        some = few(chance, c.SCANNERS, 1 + int(chance.integers(3)))
        chosen = [some[each] for each in chance.integers(0, len(some), slides).tolist()]
        mpp = np.array([c.SCANNERS[each][2] for each in chosen])
        width = np.clip(chance.lognormal(9.6, 0.45, slides), 2_000, 55_000) / mpp
        height = np.clip(width * chance.uniform(0.35, 1.4, slides), 2_000, 200_000)
        return {
            "slide": self._slides,
            "ordinal": list(range(slides)),
            "columns": width.astype(np.int64).tolist(),
            "rows": height.astype(np.int64).tolist(),
            "mpp_x": mpp.tolist(),
            "mpp_y": mpp.tolist(),
            "magnification": [float(c.SCANNERS[each][3]) for each in chosen],
            "manufacturer": [c.SCANNERS[each][0] for each in chosen],
            "model": [c.SCANNERS[each][1] for each in chosen],
            "study_uid": [""] * slides,  # it names no DICOM study: nobody needs to look for one
            "series_uid": [""] * slides,
        }

    def _companions(self) -> Iterator[TableRows]:
        """Compound and dose group of each animal."""
        dataset, chance = self._planned.accession, self._chance
        compounds = [f"SYN-{each:04}" for each in chance.integers(0, 400, 1 + chance.integers(2))]
        doses = [f"{each:g} mg/kg" for each in chance.choice([1, 3, 10, 30], 3, replace=False)]
        variables = (
            ("compound", "Compound", "The compound given", ["VEHICLE", *compounds]),
            ("dose_group", "Dose group", "The dose given each day", ["0 mg/kg", *sorted(doses)]),
        )
        columns = ("dataset", "name", "companion", "ordinal", "entity", "label", "description",
                   "type", "unit", "code", "categories", "missing", "established")  # fmt: skip
        yield TableRows("companion_variables", columns, [
            (dataset, name, "treatment", ordinal, "being", label, description, "category", "",
             None, json.dumps([{"value": each, "label": each} for each in dict.fromkeys(values)]),
             "[]", "report")
            for ordinal, (name, label, description, values) in enumerate(variables)
        ])  # fmt: skip
        held = [
            [json.dumps({"compound": compound, "dose_group": dose}) for dose in sorted(doses)]
            for compound in compounds
        ]
        vehicle = json.dumps({"compound": "VEHICLE", "dose_group": "0 mg/kg"})
        count = self._tree.beings
        drawn = zip(
            chance.integers(0, len(compounds), count).tolist(),
            chance.integers(0, len(doses), count).tolist(),
            strict=True,
        )
        yield TableRows("companion_rows", ("dataset", "companion", "entity", "held"), [
            (dataset, "treatment", being, vehicle if control else held[compound][dose])
            for being, control, (compound, dose) in zip(
                self._beings, self._is_control.tolist(), drawn, strict=True
            )
        ])  # fmt: skip


def json_of(codes: Sequence[Code]) -> list[str]:
    """Each code as the records hold it."""
    return [_json(each) for each in codes]


@cache
def _json(code: Code) -> str:
    return json.dumps(code_as_json(code), ensure_ascii=False)
