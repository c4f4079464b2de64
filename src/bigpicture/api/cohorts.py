"""Cohorts: saved questions with an owner, notes and sharing; what changed in them, and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response

from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn
from bigpicture.api.cohort_reach import Reach, address_of, reach_of
from bigpicture.api.cohort_shapes import (
    CohortChange,
    CohortList,
    CohortListed,
    CohortShown,
    CohortWanted,
    ComparisonShown,
    RequestShown,
)
from bigpicture.api.node import Node
from bigpicture.api.problem import UnconditionalError
from bigpicture.catalogue.cohort_compare import Side, World, compare
from bigpicture.catalogue.cohort_freeze import (
    Images,
    count_versions,
    find_version,
    read_images,
)
from bigpicture.catalogue.cohort_request import draw_request
from bigpicture.catalogue.cohorts import (
    Change,
    change_cohort,
    create_cohort,
    delete_cohort,
    find_cohort,
    list_cohorts,
    page_key,
)
from bigpicture.catalogue.selection import Selection
from bigpicture.model.cohort import Cohort, CohortVersion, Sharing, count_parts
from bigpicture.model.errors import InputError
from bigpicture.model.person import Person
from bigpicture.model.question import EVERYTHING
from bigpicture.model.question_text import write_question
from bigpicture.model.scope import Scope

router = APIRouter(prefix="/api/v1/cohorts", tags=["cohorts"])

CohortId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Whose = Annotated[str, Query(pattern="^(mine|shared)$", description="mine, or shared by others")]


@router.get("")
def cohorts(
    node: NodeAsked,
    person: SignedIn,
    whose: Whose = "mine",
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> CohortList:
    """List your cohorts, or those that others share with the node; the last changed first."""
    with node.records.read() as connection:
        found = list_cohorts(
            connection, person, shared=whose == "shared", after=after, limit=limit + 1
        )
    shown = found[:limit]
    return CohortList(
        items=[CohortListed.of(each, person) for each in shown],
        next=page_key(shown[-1].cohort) if len(found) > limit else None,
    )


@router.post("", status_code=201)
def create(
    node: NodeAsked, person: SignedIn, wanted: CohortWanted, response: Response
) -> CohortShown:
    """Save a question."""
    question = wanted.asked() or EVERYTHING
    with node.records.write() as connection:
        made = create_cohort(
            connection,
            person,
            name=wanted.name,
            notes=wanted.notes or "",
            question=question,
            sharing=wanted.sharing or Sharing.PRIVATE,
        )
    return _show(node, person, made, response)


@router.get("/{cohort}")
def show(node: NodeAsked, person: SignedIn, cohort: CohortId, response: Response) -> CohortShown:
    """Show a cohort of yours or one that is shared with you, with what answers it now."""
    with node.records.read() as connection:
        found = find_cohort(connection, person, cohort)
    return _show(node, person, found, response)


@router.patch("/{cohort}")
def change(
    node: NodeAsked,
    person: SignedIn,
    cohort: CohortId,
    wanted: CohortChange,
    response: Response,
    if_match: Annotated[str, Header(max_length=40)] = "",
) -> CohortShown:
    """Change a cohort of yours; `If-Match` names the version it was changed from."""
    known = if_match.removeprefix("W/").strip('"')
    if not known:
        raise UnconditionalError(
            "a change names what it was made from.",
            rule="If-Match: the ETag that the cohort was shown with",
        )
    given = Change(wanted.name, wanted.notes, wanted.asked(), wanted.sharing)
    with node.records.write() as connection:
        changed = change_cohort(connection, person, cohort, given, known=known)
    return _show(node, person, changed, response)


@router.delete("/{cohort}", status_code=204)
def delete(node: NodeAsked, person: SignedIn, cohort: CohortId) -> None:
    """Delete a cohort of yours; lists that have an accession stay resolvable."""
    with node.records.write() as connection:
        delete_cohort(connection, person, cohort)


@router.get("/{cohort}/compare")
def compare_versions(
    node: NodeAsked,
    person: SignedIn,
    cohort: CohortId,
    earlier: Annotated[int, Query(ge=1)],
    later: Annotated[int | None, Query(ge=1, description="left out: what answers now")] = None,
) -> ComparisonShown:
    """Say what entered a cohort between two versions, or until now, what left, and why."""
    if later is not None and later <= earlier:
        raise InputError("these are in the wrong order.", place="later", rule="earlier < later")
    reach = reach_of(node, person)
    with node.records.read() as connection:
        found = find_cohort(connection, person, cohort)
        first = find_version(connection, cohort, earlier)
        sides = [_frozen(first, read_images(connection, first.images.digest), reach)]
        if later is not None:
            last = find_version(connection, cohort, later)
            sides.append(_frozen(last, read_images(connection, last.images.digest), reach))
    if later is None:
        sides.append(_now(found, node.catalogue.select(found.question, reach.scope), reach))
    there = {name for side in sides for name in side.parts} & reach.opened
    present = node.catalogue.select(EVERYTHING, Scope(opened=frozenset(there)))
    world = World(
        published={name: each.published for name, each in reach.known.items()},
        opened=reach.opened,
        present=_by_dataset(present),
        titles=reach.titles,
    )
    comparison = compare(sides[0], sides[1], world, frozen=first.frozen)
    return ComparisonShown.of(comparison, earlier, later, published=reach.known.keys())


@router.get("/{cohort}/request")
def request_access(
    node: NodeAsked, person: SignedIn, cohort: CohortId, request: Request
) -> RequestShown:
    """Give the datasets that the question needs a grant for, and one text that asks for them."""
    with node.records.read() as connection:
        found = find_cohort(connection, person, cohort)
    reach = reach_of(node, person)
    everywhere = Scope(opened=frozenset(reach.known))  # only sizes of it are told, disclosed
    drawn = draw_request(
        node.catalogue.select(found.question, everywhere),
        reach.known,
        opened=reach.opened,
        apply={name: decision.apply for name, decision in reach.decisions.items()},
        name=found.name,
        question=write_question(found.question),
        address=f"{address_of(node, request)}/cohorts/{found.id}",
        person=person.display_name,
        organisation=person.organisation,
    )
    return RequestShown.of(drawn)


def _show(node: Node, person: Person, cohort: Cohort, response: Response) -> CohortShown:
    reach = reach_of(node, person)
    selection = node.catalogue.select(cohort.question, reach.scope)
    with node.records.read() as connection:
        versions = count_versions(connection, cohort.id)
    response.headers["ETag"] = f'"{cohort.etag}"'
    parts = count_parts(selection.datasets, selection.beings, reach.titles)
    return CohortShown.shown(cohort, person, parts, versions)


def _frozen(version: CohortVersion, images: Images, reach: Reach) -> Side:
    parts = {
        part.dataset: part for part in version.images.parts if part.dataset not in reach.hidden
    }
    told = {dataset: held for dataset, held in images.items() if dataset not in reach.hidden}
    return Side(told, parts, version.asked, version.question)


def _now(cohort: Cohort, selection: Selection, reach: Reach) -> Side:
    parts = count_parts(selection.datasets, selection.beings, reach.titles)
    return Side(
        {name: sorted(images) for name, images in _by_dataset(selection).items()},
        {part.dataset: part for part in parts},
        reach.opened,
        cohort.question,
    )


def _by_dataset(selection: Selection) -> dict[str, frozenset[str]]:
    held: dict[str, set[str]] = {}
    for dataset, image in zip(selection.datasets, selection.accessions, strict=True):
        held.setdefault(dataset, set()).add(image)
    return {dataset: frozenset(images) for dataset, images in held.items()}
