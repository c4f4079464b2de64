"""Which slide comes from which block, specimen, case and being, out of all rows together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Severity
from bigpicture.preparation.columns import CHAIN, SHEETS
from bigpicture.preparation.notes import Notes
from bigpicture.preparation.rows import Stated
from bigpicture.preparation.table import Cell
from bigpicture.standard.rule import Audience

_BEING, _CASE, _SPECIMEN = EntityKind.BEING, EntityKind.CASE, EntityKind.SPECIMEN
_BLOCK, _SLIDE = EntityKind.BLOCK, EntityKind.SLIDE
Key = tuple[EntityKind, str]


@dataclass(frozen=True, slots=True)
class Chain:
    """What a slide, block or specimen comes from; empty where nothing is known."""

    block: str = ""
    specimens: tuple[str, ...] = ()
    case: str = ""
    being: str = ""


@dataclass(slots=True)
class Links:
    """`told` maps an entity to what rows name beside it, nearer to the being, and where."""

    audience: Audience
    notes: Notes
    told: defaultdict[Key, dict[EntityKind, dict[str, Cell]]] = field(
        default_factory=lambda: defaultdict[Key, dict[EntityKind, dict[str, Cell]]](dict)
    )
    first: dict[Key, Cell] = field(default_factory=dict[Key, Cell])
    declared: defaultdict[EntityKind, set[str]] = field(
        default_factory=lambda: defaultdict[EntityKind, set[str]](set)
    )
    beings: dict[str, str] = field(default_factory=dict[str, str])
    cases: dict[str, str] = field(default_factory=dict[str, str])
    _by_being: dict[str, list[str]] | None = None
    _defaulted: set[EntityKind] = field(default_factory=set[EntityKind])

    def take(self, row: Stated) -> None:
        """Note what a row names together."""
        named = [(kind, row.ids[kind]) for kind in CHAIN if kind in row.ids]
        for place, key in enumerate(named):
            self.first.setdefault(key, row.cell(key[0].value))
            if row.kind is key[0]:
                self.declared[key[0]].add(key[1])
            for kind, local in named[place + 1 :]:
                if (key[0], kind) != (_CASE, _SPECIMEN):
                    there = self.told[key].setdefault(kind, {})
                    there.setdefault(local, row.cell(kind.value))

    def block_of(self, slide: str) -> str:
        """The block of a slide, one of its own where none is named."""
        named = self._one((_SLIDE, slide), _BLOCK)
        return named or self._default(_BLOCK, f"block of {slide}", (_SLIDE, slide))

    def specimens_of(self, block: str, slide: str = "") -> tuple[str, ...]:
        """The specimens in a block: those named beside it or its slide, else one of its own."""
        for key in ((_BLOCK, block), (_SLIDE, slide)):
            named = self.told[key].get(_SPECIMEN) if key in self.told else None
            if named:
                return tuple(named)
        return (self._default(_SPECIMEN, f"specimen of {block}", (_BLOCK, block)),)

    def case_of(self, specimen: str, block: str = "", slide: str = "") -> str:
        """The case of a specimen; where none is named one for its being, which has no other."""
        if specimen in self.cases:
            return self.cases[specimen]
        named = self._nearest(_CASE, specimen, block, slide)
        if not named and self.audience is not Audience.NON_CLINICAL:
            named = self._default_case(specimen, self.being_of(specimen, block, slide))
        self.cases[specimen] = named
        return named

    def being_of(self, specimen: str, block: str = "", slide: str = "") -> str:
        """The being of a specimen, also by way of its case; empty where nobody says."""
        if specimen in self.beings:
            return self.beings[specimen]
        named = self._nearest(_BEING, specimen, block, slide)
        if not named:
            case = self._nearest(_CASE, specimen, block, slide)
            named = self._one((_CASE, case), _BEING) if case else ""
        if not named:
            self.notes.say(
                self.first.get((_SPECIMEN, specimen), Cell("")),
                "no being is named: whose tissue it is must be known.",
                expected="the column Being (patient or animal) in its row, or in its sheet",
                remedy="Write your number of the patient or animal.",
                column=_BEING.value,
                rule="3.1.2",
            )
        self.beings[specimen] = named
        return named

    def chain(self, slide: str) -> Chain:
        block = self.block_of(slide)
        specimens = self.specimens_of(block, slide)
        nearest = specimens[0]
        being = self.being_of(nearest, block, slide)
        for other in specimens[1:]:
            self.being_of(other, block)
            self.case_of(other, block)
        return Chain(block, specimens, self.case_of(nearest, block, slide), being)

    def check(self, slides: Iterable[str]) -> None:
        """Say where rows contradict what follows from other rows."""
        for slide in slides:
            chain = self.chain(slide)
            self._agree((_SLIDE, slide), chain)
            if chain.block:
                self._agree((_BLOCK, chain.block), chain)
        for key in [key for key in self.told if key[0] is _SPECIMEN]:
            case = self.cases.get(key[1], "")
            self._one(key, _BEING)
            if case:
                self._same_being(key, case)

    def missing_rows(self) -> None:
        """Say which entities are named that have no row in the sheet of their kind."""
        for kind, there in self.declared.items():
            if kind is _SLIDE:
                continue
            for key, cell in self.first.items():
                if key[0] is kind and key[1] not in there:
                    self.notes.say(
                        cell,
                        f"the {kind.label} that is named here has no row in {SHEETS[kind]}.",
                        expected=f"a row for it in {SHEETS[kind]}",
                        remedy="Add the row, or correct the identifier.",
                        column=kind.value,
                        rule="BP-reference",
                    )

    def _nearest(self, kind: EntityKind, specimen: str, block: str, slide: str) -> str:
        for key in ((_SPECIMEN, specimen), (_BLOCK, block), (_SLIDE, slide)):
            named = self._one(key, kind) if key[1] else ""
            if named:
                return named
        return ""

    def _one(self, key: Key, kind: EntityKind) -> str:
        """The one of a kind that is named beside an entity; says so where there are several."""
        named = self.told[key].get(kind, {}) if key in self.told else {}
        if len(named) > 1:
            (_, first), (_, second), *_ = named.items()
            self.notes.say(
                (second, first),
                f"one {key[0].label} belongs to two {_plural(kind)}.",
                expected=f"the same {kind.label} in both rows",
                remedy="Correct the row that is wrong.",
                column=kind.value,
                rule="BP-same-being" if kind is _BEING else "BP-table",
            )
        return next(iter(named), "")

    def _default(self, kind: EntityKind, local: str, beside: Key) -> str:
        cell = self.first.get(beside, Cell(""))
        self.first.setdefault((kind, local), cell)
        if kind not in self._defaulted:
            self._defaulted.add(kind)
            self.notes.say(
                cell,
                f"no {kind.label} is named: each {beside[0].label} gets one of its own.",
                remedy=f"Nothing, if that is right; else fill the column {kind.value}.",
                column=kind.value,
                severity=Severity.REPAIRED,
            )
        return local

    def _default_case(self, specimen: str, being: str) -> str:
        if not being:
            return ""
        others = self._named_cases(being)
        if not others:
            return self._default(_CASE, f"case of {being}", (_BEING, being))
        self.notes.say(
            self.first.get((_SPECIMEN, specimen), Cell("")),
            "no case is named, though the being has cases in other rows.",
            expected="the column Case in this row too",
            remedy="Write the case.",
            column=_CASE.value,
            rule="3.1.3",
        )
        return others[0]

    def _named_cases(self, being: str) -> list[str]:
        if self._by_being is None:
            found: dict[str, list[str]] = {}
            for key, named in self.told.items():
                for each in named.get(_BEING, {}) if key[0] is _CASE else ():
                    found.setdefault(each, []).append(key[1])
            self._by_being = found
        return self._by_being.get(being, [])

    def _agree(self, key: Key, chain: Chain) -> None:
        expected: Mapping[EntityKind, tuple[str, ...]] = {
            _BLOCK: (chain.block,),
            _SPECIMEN: chain.specimens,
            _CASE: tuple(filter(None, (self.cases.get(each, "") for each in chain.specimens))),
            _BEING: tuple(filter(None, (self.beings.get(each, "") for each in chain.specimens))),
        }
        for kind, named in self.told.get(key, {}).items():
            for local, cell in named.items():
                if expected[kind] and local not in expected[kind]:
                    other = self.first.get((kind, expected[kind][0]), cell)
                    self.notes.say(
                        (cell, other),
                        f"the {kind.label} named here is not the one that other rows say.",
                        expected=f"the same {kind.label} wherever the {key[0].label} is named",
                        remedy="Correct the row that is wrong.",
                        column=kind.value,
                        rule="BP-same-being" if kind is _BEING else "BP-table",
                    )

    def _same_being(self, specimen: Key, case: str) -> None:
        of_case = self._one((_CASE, case), _BEING)
        of_specimen = self.beings.get(specimen[1], "")
        if of_case and of_specimen and of_case != of_specimen:
            cells = (
                self.first.get(specimen, Cell("")),
                self.first.get((_CASE, case), Cell("")),
            )
            self.notes.say(
                cells,
                "a specimen and its case are of different beings.",
                expected="one being",
                remedy="Correct the specimen or the case.",
                column=_BEING.value,
                rule="BP-same-being",
            )


def _plural(kind: EntityKind) -> str:
    return SHEETS.get(kind, f"{kind.label}s")
