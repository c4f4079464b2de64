"""Frozen cohorts: exact lists of images with a digest; split, exported, given an accession."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from bigpicture.api.asking import DEFAULT_LIMIT, After, Anyone, Limit, NodeAsked, SignedIn
from bigpicture.api.cohort_exports import (
    ApartAsked,
    By,
    FormAsked,
    Part,
    Parts,
    Seed,
    SplitAsked,
    answer_export,
    make_split,
    read_open,
    sources_of,
    split_digest,
    table_address,
)
from bigpicture.api.cohort_reach import Reach, address_of, reach_of
from bigpicture.api.cohort_version_shapes import (
    AccessionShown,
    MintedShown,
    SplitShown,
    VersionList,
    VersionShown,
)
from bigpicture.api.cohorts import CohortId
from bigpicture.api.node import Node
from bigpicture.catalogue.cohort_freeze import (
    find_minted,
    find_version,
    freeze_cohort,
    list_versions,
    mint_accession,
    read_images,
)
from bigpicture.catalogue.cohorts import find_cohort, own_cohort
from bigpicture.catalogue.export.export import About
from bigpicture.model.cohort import Cohort, CohortVersion
from bigpicture.model.errors import ConflictError, InputError
from bigpicture.model.export_form import Form
from bigpicture.model.identifiers import Accession
from bigpicture.model.question_text import write_question
from bigpicture.model.split import Apart, parse_parts

router = APIRouter(prefix="/api/v1/cohorts", tags=["cohorts"])

Number = Annotated[int, Path(ge=1, le=1_000_000)]


@router.get("/by-accession/{accession}")
def by_accession(node: NodeAsked, person: Anyone, accession: str, request: Request) -> MintedShown:
    """Say what an accession of a cohort names; of closed datasets only how much they hold."""
    reach = reach_of(node, person)
    with node.records.read() as connection:
        minted = find_minted(connection, Accession.parse(accession))
    return MintedShown.shown(
        minted, reach, address=address_of(node, request), node=node.settings.node_name
    )


@router.get("/by-accession/{accession}/export", response_class=StreamingResponse)
def export_by_accession(
    node: NodeAsked, person: Anyone, accession: str, request: Request, form: FormAsked = Form.LIST
) -> StreamingResponse:
    """Give what is open to you of the list that an accession names, as a file."""
    reach = reach_of(node, person)
    with node.records.read() as connection:
        minted = find_minted(connection, Accession.parse(accession))
        images = read_images(connection, minted.images.digest)
    rows = read_open(node, reach, images)
    address = address_of(node, request)
    door = f"{address}/api/v1/cohorts/by-accession/{minted.accession}"
    sight = reach.see(minted.images)
    about = About(
        name=minted.title,
        notes="",
        question=write_question(minted.question),
        version=1,
        frozen=minted.minted,
        digest=minted.images.digest,
        accession=minted.accession,
        address=door,
        table=table_address(door, SplitAsked()),
        node=node.settings.node_name,
        images=sight.images,
        hidden=sight.hidden,
        gone=rows.gone,
        sources=sources_of(reach, rows, address),
    )
    return answer_export(about, rows, None, part="", form=form)


@router.get("/{cohort}/versions")
def versions(
    node: NodeAsked,
    person: SignedIn,
    cohort: CohortId,
    request: Request,
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> VersionList:
    """List the versions of a cohort, the newest first, with what of each is open to you."""
    if after and not after.isdecimal():
        raise InputError("this is no place to go on from.", place="after")
    reach = reach_of(node, person)
    with node.records.read() as connection:
        found = find_cohort(connection, person, cohort)
        before = int(after) if after else None
        listed = list_versions(connection, cohort, before=before, limit=limit + 1)
    return VersionList(
        items=[_shown(node, request, reach, found, each) for each in listed[:limit]],
        next=str(listed[limit - 1].number) if len(listed) > limit else None,
    )


@router.post("/{cohort}/versions", status_code=201)
def freeze(
    node: NodeAsked, person: SignedIn, cohort: CohortId, request: Request, response: Response
) -> VersionShown:
    """Freeze a cohort of yours to what answers now; 200 where that is the last version already."""
    with node.records.read() as connection:
        found = own_cohort(connection, person, cohort)
    reach = reach_of(node, person)
    selection = node.catalogue.select(found.question, reach.scope)
    if not len(selection):
        raise ConflictError(
            "nothing answers the question, of what you may open: there is nothing to freeze.",
            remedy="The cohort's request says which datasets need a grant.",
        )
    with node.records.write() as connection:
        own_cohort(connection, person, cohort)
        version, is_new = freeze_cohort(
            connection, person, found, selection, asked=reach.opened, titles=reach.titles
        )
    response.status_code = 201 if is_new else 200
    return _shown(node, request, reach, found, version)


@router.get("/{cohort}/versions/{number}")
def version(
    node: NodeAsked, person: SignedIn, cohort: CohortId, number: Number, request: Request
) -> VersionShown:
    """Show one version."""
    reach = reach_of(node, person)
    with node.records.read() as connection:
        found = find_cohort(connection, person, cohort)
        frozen = find_version(connection, cohort, number)
    return _shown(node, request, reach, found, frozen)


@router.post("/{cohort}/versions/{number}/accession")
def mint(node: NodeAsked, person: SignedIn, cohort: CohortId, number: Number) -> AccessionShown:
    """Give a version an accession, which tells its name, question and size to everyone.

    Equal lists have one accession: who asks again, or later, is given the same.
    """
    with node.records.write() as connection:
        found = own_cohort(connection, person, cohort)
        accession = mint_accession(connection, person, found, number, center=node.settings.center)
    return AccessionShown(accession=accession)


@router.get("/{cohort}/versions/{number}/split")
def split(
    node: NodeAsked,
    person: SignedIn,
    cohort: CohortId,
    number: Number,
    parts: Parts = "train:0.7,tune:0.1,test:0.2",
    apart: ApartAsked = Apart.BEING,
    by: By = "",
    seed: Seed = "",
) -> SplitShown:
    """Split what is open to you of a version; says which shares come of it.

    The same list, parts and seed give the same sides on every machine.
    """
    parse_parts(parts)
    asked = SplitAsked.read(parts, apart, by, seed)
    reach = reach_of(node, person)
    with node.records.read() as connection:
        find_cohort(connection, person, cohort)
        frozen = find_version(connection, cohort, number)
        images = read_images(connection, frozen.images.digest)
    rows = read_open(node, reach, images)
    made = make_split(rows, reach, asked)
    return SplitShown.shown(
        made,
        reach.see(frozen.images),
        images=len(rows),
        gone=rows.gone,
        digest=split_digest(rows.images, made.names),
    )


@router.get("/{cohort}/versions/{number}/export", response_class=StreamingResponse)
def export(
    node: NodeAsked,
    person: SignedIn,
    cohort: CohortId,
    number: Number,
    request: Request,
    form: FormAsked = Form.LIST,
    parts: Parts = "",
    apart: ApartAsked = Apart.BEING,
    by: By = "",
    seed: Seed = "",
    part: Part = "",
) -> StreamingResponse:
    """Give what is open to you of a version as a file, split or not."""
    asked = SplitAsked.read(parts, apart, by, seed, part)
    reach = reach_of(node, person)
    with node.records.read() as connection:
        found = find_cohort(connection, person, cohort)
        frozen = find_version(connection, cohort, number)
        images = read_images(connection, frozen.images.digest)
    rows = read_open(node, reach, images)
    made = make_split(rows, reach, asked) if asked.parts else None
    address = address_of(node, request)
    sight = reach.see(frozen.images)
    about = About(
        name=found.name,
        notes=found.notes,
        question=write_question(frozen.question),
        version=number,
        frozen=frozen.frozen,
        digest=frozen.images.digest,
        accession=frozen.images.accession,
        address=f"{address}/cohorts/{cohort}",
        table=table_address(f"{address}/api/v1/cohorts/{cohort}/versions/{number}", asked),
        node=node.settings.node_name,
        images=sight.images,
        hidden=sight.hidden,
        gone=rows.gone,
        sources=sources_of(reach, rows, address),
        split=asked.words,
    )
    return answer_export(about, rows, made, part=part, form=form)


def _shown(
    node: Node, request: Request, reach: Reach, cohort: Cohort, version: CohortVersion
) -> VersionShown:
    return VersionShown.shown(
        version,
        reach,
        by=cohort.owner_name,  # nobody else freezes it
        name=cohort.name,
        address=address_of(node, request),
        node=node.settings.node_name,
    )
