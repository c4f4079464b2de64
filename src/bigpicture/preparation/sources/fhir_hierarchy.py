"""Finds, for each slide, the block and the tissue that it was made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bigpicture.model.attribute import Json
from bigpicture.model.finding import Severity
from bigpicture.preparation.sources.json_path import dicts, texts
from bigpicture.preparation.sources.mapping import Levels
from bigpicture.preparation.sources.problem import Problem, Tally
from bigpicture.preparation.sources.shelf import Kept, Shelf

_LONGEST = 16
"""Steps from a slide to the patient's tissue; the longest that laboratories name are five."""
OWN = "own"
IMAGED = "imaged"
PARENT = "parent"


@dataclass(frozen=True, slots=True)
class Chain:
    """`all` leads from the slide up to the tissue; `specimens` are several where pooled."""

    slide: Kept
    block: Kept | None
    specimens: tuple[Kept, ...]
    all: tuple[Kept, ...]


def chains(shelf: Shelf, levels: Levels, tally: Tally) -> Iterator[Chain]:
    """Yield a chain for each specimen that is a slide: by its codes, or since it was imaged."""
    twice = {same[0].key for same in shelf.repeated()}
    seen: set[str] = set()
    for specimen in shelf.of_kind("Specimen"):
        if specimen.key in twice:
            if specimen.key in seen:
                continue
            seen.add(specimen.key)
        level = level_of(specimen, levels, shelf)
        if level == "slide" or (not level and shelf.has(IMAGED, specimen.key)):
            chain = _climb(specimen, levels, shelf, tally)
            if chain is not None:
                yield chain
        elif not level and not shelf.has(PARENT, specimen.key):
            tally.add(_NEITHER, specimen.place)


def level_of(specimen: Kept, levels: Levels, shelf: Shelf) -> str:
    """`slide`, `block` or nothing, by type, then container, then what was done to it."""
    for tokens in (
        _tokens(specimen.body.get("type")),
        _container(specimen.body, shelf),
        _processing(specimen.body),
    ):
        if tokens & levels.slide:
            return "slide"
        if tokens & levels.block:
            return "block"
    return ""


def _climb(slide: Kept, levels: Levels, shelf: Shelf, tally: Tally) -> Chain | None:
    ranks: list[list[Kept]] = [[slide]]
    seen = {slide.key}
    while True:
        parents = [parent for each in ranks[-1] for parent in _parents(each, shelf, tally)]
        if any(parent.key in seen for parent in parents) or len(ranks) > _LONGEST:
            tally.add(_CIRCLE, slide.place)
            return None
        rank = list({parent.key: parent for parent in parents}.values())
        if not rank:
            break
        seen.update(parent.key for parent in rank)
        ranks.append(rank)
    return _chain(ranks, levels, shelf, tally)


def _chain(ranks: list[list[Kept]], levels: Levels, shelf: Shelf, tally: Tally) -> Chain:
    slide = ranks[0][0]
    everyone = tuple(each for rank in ranks for each in rank)
    found = [
        index
        for index, rank in enumerate(ranks[1:], 1)
        if level_of(rank[0], levels, shelf) == "block"
    ]
    if found:
        at = found[0]
    elif len(ranks) > 2:
        at = 1
        tally.add(_BY_POSITION, slide.place)
    else:
        at = 0
    block = ranks[at][0] if at else None
    if block is not None and len(ranks[at]) > 1:
        tally.add(_TWO_BLOCKS, slide.place)
    if at < len(ranks) - 1 and len(ranks[at + 1]) > 1:
        tally.add(_POOLED, slide.place)
    above = [rank for rank in ranks[at + 1 :] if level_of(rank[0], levels, shelf) != "block"]
    return Chain(slide, block, tuple(above[0]) if above else (), everyone)


def _parents(specimen: Kept, shelf: Shelf, tally: Tally) -> Iterator[Kept]:
    for reference in references(specimen.body.get("parent")):
        found = [each for each in shelf.look_up(OWN, reference) if each.kind == "Specimen"]
        if found:
            yield found[0]
        else:
            tally.add(_DANGLING, specimen.place)


def references(value: Json) -> Iterator[str]:
    """Every reference at a place that may hold one or a list of them."""
    for each in dicts(value):
        reference = each.get("reference")
        if isinstance(reference, str):
            yield reference


def _tokens(*concepts: Json) -> frozenset[str]:
    tokens: set[str] = set()
    for concept in concepts:
        for each in dicts(concept):
            for coding in dicts(each.get("coding")):
                for code in texts(coding.get("code")):
                    tokens |= {code, f"{coding.get('system', '')}|{code}"}
            tokens.update(texts(each.get("text")))
    return frozenset(tokens)


def _container(body: dict[str, Json], shelf: Shelf) -> frozenset[str]:
    """R4 says what the container is, R5 points to a device that says it."""
    tokens: frozenset[str] = frozenset()
    for container in dicts(body.get("container")):
        tokens |= _tokens(container.get("type"))
        for reference in references(container.get("device")):
            for device in shelf.look_up(OWN, reference)[:1]:
                tokens |= _tokens(device.body.get("type"))
    return tokens


def _processing(body: dict[str, Json]) -> frozenset[str]:
    steps = list(dicts(body.get("processing")))
    return _tokens(*(step.get(name) for step in steps for name in ("procedure", "method")))


_REMEDY = "Give its code: [levels.slide] codes = ['system|code'], or see why it has none."
_NEITHER = Problem(
    rule="a slide is told by its code, or by the ImagingStudy that shows it",
    what="a specimen that nothing was made of is neither a slide nor a block: no row.",
    remedy=_REMEDY,
)
_CIRCLE = Problem(
    rule="Specimen.parent leads to the patient's tissue",
    what="the parents of a specimen lead in a circle, or on and on: no row.",
    remedy="Mend the parents where the export comes from.",
    severity=Severity.ERROR,
)
_DANGLING = Problem(
    rule="what is pointed to is part of the export",
    what="the parent of a specimen is not in the export: block and tissue stay empty.",
    remedy="Export the parents as well (_include:iterate=Specimen:parent).",
)
_BY_POSITION = Problem(
    rule="a block is told by its code",
    what="no parent of the slide has the code of a block: what stands between is taken for it.",
    remedy="Give its code: [levels.block] codes = ['system|code'].",
)
_POOLED = Problem(
    rule="a row of the table has one specimen",
    what="the block was made of several tissues: `specimen` is the first, `specimens` are all.",
    remedy="Describe the block on a sheet of its own in `bigpicture prepare`.",
)
_TWO_BLOCKS = Problem(
    rule="a slide is cut from one block",
    what="the slide has several blocks: the first is taken.",
    remedy="A glass with sections of several blocks is described by the first of them.",
)
