"""Understands tables: rows become the plan of a dataset, and whatever is wrong is said at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Severity
from bigpicture.preparation.cell_values import CellReader, ask_about
from bigpicture.preparation.column import Column
from bigpicture.preparation.columns import COLUMNS
from bigpicture.preparation.dataset_table import (
    Said,
    audience_of,
    check_dataset,
    is_dataset_table,
    read_dataset,
    say_no_dataset,
)
from bigpicture.preparation.headings import Headed
from bigpicture.preparation.links import Chain, Key, Links
from bigpicture.preparation.mapping import LocalTerms
from bigpicture.preparation.meaning import Meaning
from bigpicture.preparation.notes import SHOWN, Notes
from bigpicture.preparation.observe import observations_of
from bigpicture.preparation.plan import Plan, Planned, PlannedImage, PlannedObservation, Understood
from bigpicture.preparation.rows import Stated, headed, read_rows, tell_hidden
from bigpicture.preparation.stains import check_stain, staining_of
from bigpicture.preparation.table import Cell, Table
from bigpicture.preparation.words import known
from bigpicture.standard.rule import Audience

_OF_ENTITY = (EntityKind.BEING, EntityKind.SPECIMEN, EntityKind.BLOCK)
_HUMAN = "homo sapiens"


def understand(
    tables: Iterable[Table],
    terms: LocalTerms | None = None,
    *,
    shown: int = SHOWN,
    audience: Audience = Audience.EVERYONE,
) -> Understood:
    """Read tables into a plan, by the standard's words and the site's own.

    Any cell may be wrong: nothing is raised, and every finding is there at once, each with its
    cells, of which it names at most `shown`. A word that is neither known nor decided is listed in
    `unmapped`, once. `audience` binds where the type of dataset is not said.
    """
    terms = terms or LocalTerms()
    given = list(tables)
    notes = Notes(shown)
    for finding in terms.findings:
        notes.add(finding)
    tell_hidden(given, notes)
    about_dataset = [each for each in given if is_dataset_table(each) and not each.is_hidden]
    said = read_dataset(about_dataset, notes)
    others = [each for each in given if each not in about_dataset]
    reader = CellReader(terms, notes)
    gathering = _Gathering(audience_of(said, audience), reader, notes)
    found = headed(others, notes)
    gathering.read(found)
    place = _place(about_dataset, given)
    if about_dataset:
        check_dataset(said, place, notes)
    else:
        say_no_dataset(place, notes)
    plan = gathering.plan(said, place)
    unmapped = reader.unmapped
    ask_about(unmapped, notes)
    return Understood(plan, notes.findings, unmapped)


def _place(about_dataset: list[Table], given: list[Table]) -> Cell:
    for table in (*about_dataset, *given):
        return Cell(table.file, table.sheet)
    return Cell("")


@dataclass(slots=True)
class _Gathering:
    """The rows under way, and what they state about each entity."""

    audience: Audience
    reader: CellReader
    notes: Notes
    rows: list[Stated] = field(default_factory=list[Stated])
    values: dict[Key, dict[str, tuple[Meaning, Cell]]] = field(
        default_factory=dict[Key, dict[str, tuple[Meaning, Cell]]]
    )
    observed: dict[PlannedObservation, None] = field(default_factory=dict[PlannedObservation, None])
    observers: dict[str, str] = field(default_factory=dict[str, str])
    images: dict[str, PlannedImage] = field(default_factory=dict[str, PlannedImage])

    def read(self, tables: list[tuple[Table, Headed]]) -> None:
        for table, heading in tables:
            self.rows.extend(read_rows(table, heading, self.reader))
        self._check_columns(tables)

    def plan(self, said: Said, place: Cell) -> Plan:
        links = Links(self.audience, self.notes)
        for row in self.rows:
            links.take(row)
        links.missing_rows()
        for row in self.rows:
            self._take_image(row)
        slides = list(dict.fromkeys(image.slide for image in self.images.values()))
        chains = {slide: links.chain(slide) for slide in slides}
        for row in self.rows:
            self._take_values(row, links, chains)
        links.check(slides)
        self._unused(links, chains)
        if not slides:
            self.notes.say(
                place,
                "there is no row of a slide.",
                expected="one row for each slide, with its file",
                remedy="Fill the table slides.",
                column="file",
                rule="constraint 1",
            )
        elif not self.observed and not self.reader.asks_about(EntityKind.OBSERVATION):
            self.notes.say(
                place,
                "nothing is stated about any slide or case.",
                expected="a diagnosis, a finding or a description",
                remedy="Fill the column Diagnosis (clinical) or Finding (animals).",
                column="diagnosis",
                rule="constraint 1",
            )
        return self._planned(said, links, chains)

    def _check_columns(self, tables: list[tuple[Table, Headed]]) -> None:
        there = {column.name for _, heading in tables for column in heading.columns.values()}
        if not tables:
            return
        table, heading = tables[0]
        place = table.cell(heading.row, 0)
        if "stain_target" in there:
            there.add("stain")
        if self.audience is not Audience.NON_CLINICAL:
            there.add("species")
        for column in COLUMNS:
            if column.is_required(self.audience) and column.name not in there:
                is_structure = column.required is Audience.EVERYONE
                self.notes.say(
                    place,
                    f"the column {column.heading} is missing.",
                    expected=f"{column.heading}: {column.help}",
                    remedy="Add the column.",
                    column=column.name,
                    rule=column.rule.number if column.rule else "BP-table",
                    severity=Severity.ERROR if is_structure else Severity.WARNING,
                )

    def _take_image(self, row: Stated) -> None:
        if not row.file:
            if row.is_slide:
                self.notes.say(
                    row.cell("file"),
                    "the row names no file.",
                    expected="the name of the slide's file",
                    remedy="Write it, or delete the row.",
                    column="file",
                )
            return
        slide = row.ids.get(EntityKind.SLIDE, "")
        earlier = self.images.get(row.file)
        if earlier is None:
            self.images[row.file] = PlannedImage(row.file, slide, row.cell("file"))
            self._check_name(row, slide)
        elif earlier.slide != slide:
            self.notes.say(
                (row.cell("file"), earlier.cell),
                "one file is given for two slides.",
                expected="one slide for each file",
                remedy="Correct the row that is wrong.",
                column="file",
            )

    def _check_name(self, row: Stated, slide: str) -> None:
        """Two files may be of one slide only where somebody says so."""
        if row.is_slide_named:
            return
        first = self._by_stem.setdefault(slide, row)
        if first is not row:
            self.notes.say(
                (row.cell("file"), first.cell("file")),
                "two files have the same name, and no slide is named.",
                expected="the column Slide, to tell whether they show one glass or two",
                remedy="Fill the column Slide.",
                column="slide",
            )

    _by_stem: dict[str, Stated] = field(default_factory=dict[str, Stated])

    def _take_values(self, row: Stated, links: Links, chains: Mapping[str, Chain]) -> None:
        values: dict[str, Meaning] = {}
        for column, text, index in row.texts:
            cell = row.table.cell(row.number, index)
            meaning = self.reader.value(column, text, cell)
            if meaning is None:
                continue
            values[column.name] = meaning
            for key in self._keys(column, row, links, chains):
                self._state(key, column, meaning, cell)
        chain = chains.get(row.ids.get(EntityKind.SLIDE, ""))
        case = chain.case if chain else row.ids.get(EntityKind.CASE, "")
        observed = len(self.observed)
        for each in observations_of(row, values, case=case):
            self.observed.setdefault(each)
        self._take_observer(row, values, has_stated=len(self.observed) > observed)

    def _keys(
        self, column: Column, row: Stated, links: Links, chains: Mapping[str, Chain]
    ) -> list[Key]:
        """The entities that a cell is about."""
        kind = column.entity
        if kind is EntityKind.STAINING:
            slide = row.ids.get(EntityKind.SLIDE)
            return [(EntityKind.SLIDE, slide)] if slide else []
        if kind not in _OF_ENTITY:
            return []
        if kind in row.ids:
            return [(kind, row.ids[kind])]
        chain = chains.get(row.ids.get(EntityKind.SLIDE, ""))
        if chain is None:
            return self._without_slide(kind, row, links)
        named = {
            EntityKind.BEING: (chain.being,),
            EntityKind.SPECIMEN: chain.specimens,
            EntityKind.BLOCK: (chain.block,),
        }[kind]
        return [(kind, local) for local in named if local]

    def _without_slide(self, kind: EntityKind, row: Stated, links: Links) -> list[Key]:
        """What a row of a block or a specimen says of the entities above it."""
        block = row.ids.get(EntityKind.BLOCK, "")
        specimens = (
            (row.ids[EntityKind.SPECIMEN],)
            if EntityKind.SPECIMEN in row.ids
            else links.specimens_of(block)
            if block
            else ()
        )
        if kind is EntityKind.SPECIMEN:
            return [(kind, each) for each in specimens]
        if kind is EntityKind.BEING:
            return [(kind, being) for each in specimens if (being := links.being_of(each, block))]
        return []

    def _state(self, key: Key, column: Column, meaning: Meaning, cell: Cell) -> None:
        earlier = self.values.setdefault(key, {}).setdefault(column.name, (meaning, cell))
        if earlier[0] != meaning:
            self.notes.say(
                (cell, earlier[1]),
                f"{column.heading} of one {key[0].label} is said in two ways.",
                expected=f"the same in each row of that {key[0].label}",
                remedy="Correct the row that is wrong.",
                column=column.name,
                rule=column.rule.number if column.rule else "BP-table",
            )

    def _take_observer(
        self, row: Stated, values: Mapping[str, Meaning], *, has_stated: bool
    ) -> None:
        name = row.ids.get(EntityKind.OBSERVER)
        told = values.get("observer_type")
        if name and (has_stated or told):
            self.observers.setdefault(name, "Human")
            if isinstance(told, str):
                self.observers[name] = told

    def _unused(self, links: Links, chains: Mapping[str, Chain]) -> None:
        """Entities that have rows and no slide: they are left out, and that is said."""
        used = {
            EntityKind.SLIDE: set(chains),
            EntityKind.BLOCK: {each.block for each in chains.values()},
            EntityKind.SPECIMEN: {s for each in chains.values() for s in each.specimens},
            EntityKind.CASE: set(links.cases.values()),
            EntityKind.BEING: set(links.beings.values()),
        }
        for (kind, local), cell in links.first.items():
            if local not in used[kind] and chains:
                self.notes.say(
                    cell,
                    f"no slide belongs to this {kind.label}: it is left out.",
                    expected="a slide that comes from it",
                    remedy="Nothing, if that is right.",
                    column=kind.value,
                    severity=Severity.WARNING,
                )

    def _planned(self, said: Said, links: Links, chains: Mapping[str, Chain]) -> Plan:
        stainings: dict[tuple[tuple[str, Meaning], ...], int] = {}
        slides: list[Planned] = []
        blocks: dict[str, tuple[str, ...]] = {}
        for slide, chain in chains.items():
            key = (EntityKind.SLIDE, slide)
            staining = staining_of(self._values(key))
            if not check_stain(staining, links.first[key], self.values.get(key, {}), self.notes):
                staining = {}
            number = stainings.setdefault(
                tuple(sorted(staining.items(), key=_name)), len(stainings)
            )
            blocks[chain.block] = chain.specimens
            up = {EntityKind.BLOCK: (chain.block,)}
            slides.append(Planned(*key, links.first[key], up=up, staining=number))
        specimens = list(dict.fromkeys(each for named in blocks.values() for each in named))
        cases = dict.fromkeys(filter(None, (links.cases.get(each) for each in specimens)))
        beings = dict.fromkeys(filter(None, (links.beings.get(each) for each in specimens)))
        of_case = {
            links.cases[each]: links.beings.get(each, "")
            for each in reversed(specimens)
            if links.cases.get(each)
        }
        self._default_species(beings, links)
        plan = Plan(
            audience=self.audience,
            dataset=said,
            beings=tuple(self._one(links, EntityKind.BEING, each, {}) for each in beings),
            cases=tuple(
                self._one(links, EntityKind.CASE, each, {EntityKind.BEING: of_case[each]})
                for each in cases
            ),
            specimens=tuple(
                self._one(
                    links,
                    EntityKind.SPECIMEN,
                    each,
                    {
                        EntityKind.BEING: links.beings.get(each, ""),
                        EntityKind.CASE: links.cases.get(each, ""),
                    },
                )
                for each in specimens
            ),
            blocks=tuple(
                Planned(
                    EntityKind.BLOCK,
                    block,
                    links.first[EntityKind.BLOCK, block],
                    self._values((EntityKind.BLOCK, block)),
                    {EntityKind.SPECIMEN: named},
                )
                for block, named in blocks.items()
            ),
            slides=tuple(slides),
            stainings=tuple(dict(each) for each in stainings),
            images=tuple(self.images.values()),
            observations=tuple(
                each for each in self.observed if self._is_there(each, chains, links)
            ),
            observers=self.observers,
        )
        self._check_values(plan)
        return plan

    def _is_there(
        self, each: PlannedObservation, chains: Mapping[str, Chain], links: Links
    ) -> bool:
        kind, local = each.on
        if kind is EntityKind.SLIDE:
            return local in chains
        return (kind, local) in links.first

    def _one(
        self, links: Links, kind: EntityKind, local: str, up: Mapping[EntityKind, str]
    ) -> Planned:
        held = {above: (name,) for above, name in up.items() if name}
        return Planned(
            kind, local, links.first.get((kind, local), Cell("")), self._values((kind, local)), held
        )

    def _values(self, key: Key) -> dict[str, Meaning]:
        return {name: meaning for name, (meaning, _) in self.values.get(key, {}).items()}

    def _default_species(self, beings: Iterable[str], links: Links) -> None:
        """People are meant in a clinical dataset that names no species."""
        if self.audience is not Audience.CLINICAL:
            return
        human = known("species")[_HUMAN]
        for being in beings:
            stated = self.values.setdefault((EntityKind.BEING, being), {})
            if "species" not in stated:
                cell = links.first.get((EntityKind.BEING, being), Cell(""))
                stated["species"] = (human, cell)
                self.notes.say(
                    cell,
                    "no species is named: Homo sapiens is meant in a clinical dataset.",
                    remedy="Nothing, if that is right.",
                    column="species",
                    rule="2.3.2",
                    severity=Severity.REPAIRED,
                )

    def _check_values(self, plan: Plan) -> None:
        """Say which entities lack what the standard asks of them."""
        for planned in (*plan.beings, *plan.specimens, *plan.blocks):
            for column in _required(planned.kind, plan.audience):
                value = planned.values.get(column.name)
                if value is None or (column.kind == "term" and not isinstance(value, Code | str)):
                    self.notes.say(
                        planned.cell,
                        f"{column.heading} of the {planned.kind.label} is missing.",
                        expected=column.rule.expected if column.rule else column.help,
                        remedy="Fill the cell.",
                        column=column.name,
                        rule=column.rule.number if column.rule else "BP-table",
                        severity=Severity.WARNING,
                    )


def _required(kind: EntityKind, audience: Audience) -> tuple[Column, ...]:
    return tuple(
        each
        for each in COLUMNS
        if each.entity is kind and each.kind != "identifier" and each.is_required(audience)
    )


def _name(pair: tuple[str, Meaning]) -> str:
    return pair[0]
