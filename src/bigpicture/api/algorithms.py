"""Algorithms: which there are, their versions, who may run them. Research use only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy import Connection

from bigpicture.access.people import find_people
from bigpicture.analysis.algorithm_grants import (
    grant_algorithm,
    list_grants,
    revoke_algorithm_grant,
)
from bigpicture.analysis.may_run import decide_use, known_version, may_know, require_use
from bigpicture.analysis.package import PACKAGE_BYTES
from bigpicture.analysis.publish import Policy, owner_row, publish, set_policy, withdraw
from bigpicture.analysis.registry import Registered, list_registered
from bigpicture.api.algorithm_shapes import (
    AlgorithmCard,
    AlgorithmGrants,
    AlgorithmGrantShown,
    AlgorithmGrantWanted,
    AlgorithmList,
    AlgorithmShown,
    DecisionShown,
    PolicyWanted,
    Terms,
    Tier,
    VersionRef,
    VersionShown,
    card_fields,
    version_fields,
)
from bigpicture.api.asking import Anyone, NodeAsked, SignedIn, require
from bigpicture.api.grant_shapes import ReasonWanted
from bigpicture.api.node import Node
from bigpicture.ledger.record import record
from bigpicture.model.algorithm_grant import AlgorithmGrant, AlgorithmUse
from bigpicture.model.errors import InputError, UnknownError
from bigpicture.model.person import Permission, Person
from bigpicture.model.policy import AccessTier

router = APIRouter(prefix="/api/v1/algorithms", tags=["algorithms"])

Id = Annotated[str, Path(max_length=80)]
Version = Annotated[str, Path(max_length=40)]
_ZIP = "application/zip"


@router.get("")
def algorithms(node: NodeAsked, person: Anyone) -> AlgorithmList:
    """List the algorithms that you may know of, each in its newest version in use."""
    with node.records.read() as connection:
        known = _known(connection, person)
        owners = _owners(connection, person, {each.owner for each in known})
    newest: dict[str, Registered] = {}
    for each in known:
        if each.withdrawn is None:
            newest.setdefault(each.algorithm.id, each)
    items = [AlgorithmCard.of(each, owners.get(each.owner)) for each in newest.values()]
    return AlgorithmList(items=items)


@router.get("/{algorithm}")
def algorithm(node: NodeAsked, person: Anyone, algorithm: Id) -> AlgorithmShown:
    """Show an algorithm with all its versions, the newest first."""
    with node.records.read() as connection:
        known = _known(connection, person, algorithm)
        if not known:
            raise UnknownError("there is no such algorithm.", place=algorithm)
        owners = _owners(connection, person, {known[0].owner})
    first = next((each for each in known if each.withdrawn is None), known[0])
    versions = [
        VersionRef(
            version=each.algorithm.version,
            digest=each.algorithm.digest,
            published=each.published,
            withdrawn=each.withdrawn,
            withdrawn_reason=each.withdrawn_reason,
        )
        for each in known
    ]
    shown = card_fields(first, owners.get(first.owner))
    return AlgorithmShown(**shown, terms=first.terms, versions=versions)


@router.get("/{algorithm}/versions/{version}")
def version(node: NodeAsked, person: Anyone, algorithm: Id, version: Version) -> VersionShown:
    """Show a version: what it needs and gives, its model card, and what you may do with it."""
    with node.records.read() as connection:
        grants = list_grants(connection, algorithm, person=person.id) if person else []
        found = known_version(connection, person, algorithm, version, grants=grants)
        return _shown(node, connection, person, found, grants)


@router.get(
    "/{algorithm}/versions/{version}/files",
    response_class=Response,
    responses={200: {"content": {_ZIP: {}}}},
)
def files(node: NodeAsked, person: SignedIn, algorithm: Id, version: Version) -> Response:
    """Give the files of a version, weights included, to whoever may see them."""
    use = AlgorithmUse.WEIGHTS
    sealed = node.seals.current()
    with node.records.write() as connection:
        found = require_use(connection, person, algorithm, version, use, sealed=sealed)
        if not found.package:
            raise UnknownError(
                "its files come with the program, not from here.", place=f"{algorithm} {version}"
            )
        record(
            connection,
            actor=person.id,
            action="algorithm:deliver",
            subject=algorithm,
            details={"version": version, "digest": found.algorithm.digest},
        )
    headers = {"Content-Disposition": f'attachment; filename="{algorithm}-{version}.zip"'}
    return Response(node.vault.read(found.package), media_type=_ZIP, headers=headers)


@router.post(
    "",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}},
            "required": True,
        }
    },
)
async def publish_version(
    request: Request,
    node: NodeAsked,
    person: SignedIn,
    tier: Annotated[Tier, Query()] = AccessTier.CONTROLLED,
    is_listed: bool = False,
    terms: Annotated[Terms, Query()] = "",
) -> VersionShown:
    """Publish a version: the body is its folder as a ZIP file. It never changes afterwards.

    Whoever publishes the first version owns the algorithm; the policy is taken from that alone.
    """
    require(person, Permission.ALGORITHM_PUBLISH)
    package = await request.body()
    if len(package) > PACKAGE_BYTES or not package:
        raise InputError("the body is the algorithm's folder as a ZIP file.", place="body")

    def act() -> VersionShown:
        policy = Policy(tier, is_listed, terms)
        found = publish(node.records, node.vault, person, package, policy=policy)
        node.epochs.outdate()
        with node.records.read() as connection:
            return _shown(node, connection, person, found, [])

    return await anyio.to_thread.run_sync(act)


@router.post("/{algorithm}/versions/{version}/withdraw")
def withdraw_version(
    node: NodeAsked, person: SignedIn, algorithm: Id, version: Version, wanted: ReasonWanted
) -> VersionShown:
    """Take a version out of use; what it gave stays."""
    require(person, Permission.ALGORITHM_PUBLISH)
    with node.records.write() as connection:
        _require_known(connection, person, algorithm)
        found = withdraw(connection, person, algorithm, version, reason=wanted.reason)
        shown = _shown(node, connection, person, found, [])
    node.epochs.outdate()
    return shown


@router.put("/{algorithm}/policy")
def policy(
    node: NodeAsked, person: SignedIn, algorithm: Id, wanted: PolicyWanted
) -> AlgorithmShown:
    """Say who may run an algorithm, who may know of it, and its terms."""
    require(person, Permission.ALGORITHM_PUBLISH)
    with node.records.write() as connection:
        _require_known(connection, person, algorithm)
        set_policy(connection, person, algorithm, wanted.policy())
    node.epochs.outdate()
    return _algorithm_shown(node, person, algorithm)


@router.get("/{algorithm}/grants")
def grants(node: NodeAsked, person: SignedIn, algorithm: Id) -> AlgorithmGrants:
    """List the grants on an algorithm: all for its owner and stewards, for others their own."""
    with node.records.read() as connection:
        known = _known(connection, person, algorithm)
        if not known:
            raise UnknownError("there is no such algorithm.", place=algorithm)
        is_all = known[0].owner == person.id or person.may(Permission.ALGORITHM_MANAGE)
        whose = "" if is_all or person.may(Permission.EVENT_READ) else person.id
        found = list_grants(connection, algorithm, person=whose)
        return AlgorithmGrants(items=_grants_shown(connection, found))


@router.post("/{algorithm}/grants", status_code=201)
def grant(
    node: NodeAsked, person: SignedIn, algorithm: Id, wanted: AlgorithmGrantWanted
) -> AlgorithmGrantShown:
    """Let a person run an algorithm, or see its weights, for a time."""
    require(person, Permission.ALGORITHM_PUBLISH)
    with node.records.write() as connection:
        _require_known(connection, person, algorithm)
        made = grant_algorithm(
            connection,
            person,
            algorithm,
            to=wanted.person,
            uses=wanted.uses,
            start=wanted.start,
            end=wanted.end,
            reason=wanted.reason,
        )
        (shown,) = _grants_shown(connection, [made])
    node.epochs.outdate()
    return shown


@router.delete("/{algorithm}/grants/{grant}")
def revoke(
    node: NodeAsked,
    person: SignedIn,
    algorithm: Id,
    grant: Annotated[str, Path(max_length=40)],
    wanted: ReasonWanted,
) -> AlgorithmGrantShown:
    """End a grant on an algorithm now."""
    require(person, Permission.ALGORITHM_PUBLISH)
    with node.records.write() as connection:
        _require_known(connection, person, algorithm)
        ended = revoke_algorithm_grant(connection, person, algorithm, grant, reason=wanted.reason)
        (shown,) = _grants_shown(connection, [ended])
    node.epochs.outdate()
    return shown


def _known(connection: Connection, person: Person | None, algorithm: str = "") -> list[Registered]:
    """Every version that this person may know of."""
    mine = list_grants(connection, algorithm, person=person.id) if person else []
    return [
        each
        for each in list_registered(connection, id=algorithm)
        if may_know(person, each, [one for one in mine if one.algorithm == each.algorithm.id])
    ]


def _owners(connection: Connection, person: Person | None, ids: Iterable[str]) -> dict[str, Person]:
    """Owners by id; the world is told their organisations and no names."""
    found = find_people(connection, ids)
    if person is not None:
        return found
    return {
        name: replace(each, id="", name="", display_name=each.organisation)
        for name, each in found.items()
    }


def _require_known(connection: Connection, person: Person, algorithm: str) -> None:
    """What somebody may not know of answers as if it were not there, before it is judged."""
    if not _known(connection, person, algorithm):
        raise UnknownError("there is no such algorithm.", place=algorithm)
    owner_row(connection, person, algorithm)


def _algorithm_shown(node: Node, person: Person, algorithm_id: str) -> AlgorithmShown:
    return algorithm(node, person, algorithm_id)


def _shown(
    node: Node,
    connection: Connection,
    person: Person | None,
    found: Registered,
    mine: list[AlgorithmGrant],
) -> VersionShown:
    owners = _owners(connection, person, {found.owner})
    now, sealed = datetime.now(UTC), node.seals.current()
    run, taken = (
        DecisionShown.of(decide_use(person, found, use, grants=mine, now=now, sealed=sealed))
        for use in (AlgorithmUse.RUN, AlgorithmUse.WEIGHTS)
    )
    shown = card_fields(found, owners.get(found.owner)) | version_fields(found)
    return VersionShown(**shown, run=run, files=taken)


def _grants_shown(connection: Connection, found: list[AlgorithmGrant]) -> list[AlgorithmGrantShown]:
    now = datetime.now(UTC)
    people = find_people(connection, {each.person for each in found})
    return [AlgorithmGrantShown.of(each, now, people.get(each.person)) for each in found]
