"""Applications: asking for access to datasets, and everything that is done to one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from sqlalchemy import Connection, true

from bigpicture.access.application_facts import country_of
from bigpicture.access.application_form import VERSION, check_draft, form
from bigpicture.access.application_rows import find_application, list_ids, mine, of_committees
from bigpicture.access.applications import Around, act_on, etag_of, see_application
from bigpicture.access.begin_application import create_application, lines_of, renew
from bigpicture.access.committees import actor_of
from bigpicture.access.people import find_named
from bigpicture.api.application_shapes import (
    ApplicationChange,
    ApplicationShown,
    ApplicationWanted,
    CardList,
    FormShown,
    MemberGiven,
    Members,
)
from bigpicture.api.application_view import View
from bigpicture.api.application_whole import show_whole
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked, SignedIn, require
from bigpicture.api.command_shapes import Change, CommandWanted, Invite, RecordTransfer
from bigpicture.api.node import Node
from bigpicture.api.opening import check_known
from bigpicture.api.problem import UnconditionalError
from bigpicture.catalogue.cohort_freeze import find_version, restrict_version
from bigpicture.catalogue.cohorts import find_cohort
from bigpicture.model.application import Application, State
from bigpicture.model.application_parts import NODE, parts_of
from bigpicture.model.application_table import Command
from bigpicture.model.errors import InputError
from bigpicture.model.person import Permission, Person

router = APIRouter(prefix="/api/v1/applications", tags=["applications"])

Which = Annotated[str, Query(pattern="^(mine|desk|all)$", description="mine, my committees', all")]
IfMatch = Annotated[str, Header(max_length=40)]


@router.get("/form")
def tell_form(_: SignedIn, version: Annotated[int, Query(ge=1, le=10_000)] = VERSION) -> FormShown:
    """Give the form: a JSON Schema of the answers. An application keeps the version it began on."""
    return FormShown(version=version, schema_=dict(form(version)))


@router.get("")
def applications(
    node: NodeAsked,
    person: SignedIn,
    view: Which = "mine",
    state: State | None = None,
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> CardList:
    """List applications, the last changed first: your own, those your committees decide on, all."""
    now = datetime.now(UTC)
    if view == "all":
        require(person, Permission.APPLICATION_READ_ANY)
    with node.records.read() as connection:
        actor = actor_of(connection, person)
        where = {
            "mine": mine(person.id),
            "desk": of_committees(actor.committees) & ~mine(person.id),
            "all": true(),
        }[view]
        found = list_ids(connection, where, state=state, after=after, limit=limit + 1)
        views = (
            View(connection, find_application(connection, each), person, actor, now)
            for each, _ in found[:limit]
        )
        items = [each.card() for each in views if view != "desk" or each.parts]
    return CardList(items=items, next=found[limit - 1][1] if len(found) > limit else None)


@router.post("", status_code=201)
def create(
    node: NodeAsked, person: SignedIn, wanted: ApplicationWanted, response: Response
) -> ApplicationShown:
    """Begin an application: for datasets, or for a frozen cohort."""
    around = around_of(node)
    check_known(node, person, wanted.datasets)
    with node.records.write() as connection:
        made = create_application(
            connection,
            person,
            datasets=_datasets(connection, person, wanted),
            cohort=(wanted.cohort.id, wanted.cohort.version) if wanted.cohort else None,
            now=around.now,
        )
        return shown(connection, made, person, response)


@router.get("/{application}")
def show(
    node: NodeAsked, person: SignedIn, application: str, response: Response
) -> ApplicationShown:
    """Show an application: to who has a part in it, decides on it, or may read any."""
    with node.records.read() as connection:
        found = see_application(connection, person, application)
        return shown(connection, found, person, response)


@router.patch("/{application}")
def change(
    node: NodeAsked,
    person: SignedIn,
    application: str,
    wanted: ApplicationChange,
    response: Response,
    if_match: IfMatch = "",
) -> ApplicationShown:
    """Change a draft, or what was returned; `If-Match` names the version it was changed from."""
    known = tag_of(if_match)
    if not known:
        raise UnconditionalError(
            "a change names what it was made from.",
            rule="If-Match: the ETag that the application was shown with",
        )
    around = around_of(node)
    check_known(node, person, wanted.datasets or ())
    with node.records.write() as connection:
        before = see_application(connection, person, application)
        said = _edited(connection, before, wanted)
        edited = act_on(
            connection, person, application, Command.EDIT, said, around=around, known=known
        )
        return shown(connection, edited, person, response)


@router.post("/{application}/commands")
def command(
    node: NodeAsked,
    person: SignedIn,
    application: str,
    wanted: CommandWanted,
    response: Response,
    if_match: IfMatch = "",
) -> ApplicationShown:
    """Do something to an application. The state machine refuses with 409 and the rule."""
    around = around_of(node)
    if isinstance(wanted, Change):
        check_known(node, person, wanted.datasets)
    with node.records.write() as connection:
        if wanted.command == "renew":
            done = renew(connection, person, application, around=around)
        else:
            before = see_application(connection, person, application)
            said = _said(connection, before, person, wanted)
            done = act_on(
                connection,
                person,
                application,
                Command(wanted.command),
                said,
                around=around,
                known=tag_of(if_match),
            )
        answer = shown(connection, done, person, response)
    node.epochs.outdate()  # grants may have come or gone
    return answer


def around_of(node: Node) -> Around:
    """What acts need of this node."""

    def refreeze(
        connection: Connection, cohort: str, version: int, without: frozenset[str]
    ) -> int | None:
        made = restrict_version(connection, cohort, version, without=without, by=NODE)
        return made.number if made else None

    return Around(datetime.now(UTC), node.terminologies, refreeze)


def shown(
    connection: Connection, application: Application, person: Person, response: Response
) -> ApplicationShown:
    """The application as the person sees it now, with its tag."""
    response.headers["ETag"] = f'"{etag_of(application)}"'
    actor = actor_of(connection, person)
    return show_whole(View(connection, application, person, actor, datetime.now(UTC)))


def tag_of(header: str) -> str:
    """The tag in an `If-Match`."""
    return header.removeprefix("W/").strip('"')


def _datasets(connection: Connection, person: Person, wanted: ApplicationWanted) -> list[str]:
    """Those asked for; they are of the cohort, where there is one."""
    if wanted.cohort is None:
        return wanted.datasets
    find_cohort(connection, person, wanted.cohort.id)
    frozen = find_version(connection, wanted.cohort.id, wanted.cohort.version)
    held = [part.dataset for part in frozen.images.parts]
    outside = sorted(set(wanted.datasets) - set(held))
    if outside:
        raise InputError("this dataset is not in the cohort.", place=outside[0])
    return wanted.datasets


def _edited(
    connection: Connection, before: Application, wanted: ApplicationChange
) -> dict[str, object]:
    said: dict[str, object] = {}
    if wanted.answers is not None:
        check_draft(wanted.answers, before.form)
        said["answers"] = wanted.answers
    answers = wanted.answers if wanted.answers is not None else before.answers
    country = country_of(answers)
    if wanted.datasets is not None:
        said["datasets"] = lines_of(connection, wanted.datasets)
    if wanted.members is not None:
        said["members"] = _members(connection, before, wanted.members, country)
    elif wanted.answers is not None and country != country_of(before.answers):
        old = country_of(before.answers)
        said["members"] = [
            _party(each.id, each.organisation, country if each.country == old else each.country)
            for each in before.members
        ]
    if wanted.signatory is not None:
        said["signatory"] = None
        if wanted.signatory.strip():
            signing = find_named(connection, wanted.signatory)
            said["signatory"] = _party(signing.id, signing.organisation, country)
    applicant = before.applicant
    said["applicant"] = _party(applicant.id, applicant.organisation, country)
    return said


def _members(
    connection: Connection, application: Application, given: Members, country: str
) -> list[dict[str, str]]:
    """People as an event says them; the applicant is none beside themself."""
    found: dict[str, dict[str, str]] = {}
    for each in given:
        named, lives = (
            (each.person, each.country.upper())
            if isinstance(each, MemberGiven)
            else (each, country)
        )
        person = find_named(connection, named)
        if person.id != application.applicant.id:
            found[person.id] = _party(person.id, person.organisation, lives)
    return list(found.values())


def _party(person: str, organisation: str, country: str) -> dict[str, str]:
    return {"id": person, "organisation": organisation, "country": country}


def _said(
    connection: Connection, before: Application, person: Person, wanted: CommandWanted
) -> dict[str, Any]:
    """What the command says, with ids for names."""
    said = wanted.model_dump(mode="json", exclude={"command"})
    if isinstance(wanted, Invite):
        said["person"] = find_named(connection, wanted.person).id
    if isinstance(wanted, RecordTransfer):
        said["member"] = find_named(connection, wanted.member).id
    if isinstance(wanted, Change):
        country = country_of(before.answers)
        said["datasets"] = lines_of(connection, wanted.datasets)
        said["members"] = _members(connection, before, wanted.members, country)
    if wanted.command == "ask":
        actor = actor_of(connection, person)
        mine = {each.committee for each in before.living} & actor.committees
        said["committee"] = min(mine) if mine and parts_of(before, actor) else ""
    return said
