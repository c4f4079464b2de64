"""From decision to grants: what an approval opens, for whom, until when, and what holds it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bigpicture.access.agreements import accepted_by, list_agreements, still_needed
from bigpicture.access.application_facts import Asked, last_moment, months_of, read_asked
from bigpicture.access.blocks import blocked
from bigpicture.access.grant import hold_grant, record_grant, release_hold, revoke_grant
from bigpicture.access.grant_rows import list_grants
from bigpicture.model.agreement import Agreement
from bigpicture.model.application import Application, Decision, Party, State
from bigpicture.model.grant import Grant, GrantUse, Hold
from bigpicture.model.transfer import Transfer, transfer_of

_ALL = 100_000
_OURS = (Hold.TERMS, Hold.SIGNATURE, Hold.TRANSFER)
_WHY = {
    Hold.TERMS: "Agreements wait to be accepted.",
    Hold.SIGNATURE: "The organisation's signatory has not signed.",
    Hold.TRANSFER: "A transfer outside the EEA has no document on file.",
}


def in_effect(application: Application) -> frozenset[tuple[str, str]]:
    """Dataset and person of what is approved, and neither closed nor given up."""
    if application.state is State.CLOSED:
        return frozenset()
    return frozenset((each.dataset, who) for each in application.living for who in each.members)


def follow_with_grants(
    connection: Connection, before: Application, after: Application, *, now: datetime, by: str
) -> None:
    """Record the grants of what came into effect, and end those of what went out of it.

    A grant that somebody revoked is not recorded again: only what is new is.
    """
    had, has = in_effect(before), in_effect(after)
    for grant in grants_of(connection, after.id, now):
        if (grant.dataset, grant.person) in had - has:
            reason = f"Application {after.id}: {after.state}, or taken out of it."
            revoke_grant(connection, grant.id, reason=reason, by=by)
    asked = read_asked(connection, {dataset for dataset, _ in has})
    everyone = {each.id: each for each in after.everyone}
    for dataset, person in sorted(has - had):
        if dataset in asked and not blocked(connection, person, dataset):
            _record(connection, after, asked[dataset], everyone[person], now=now, by=by)


def adjust_holds(connection: Connection, application: Application, *, now: datetime) -> None:
    """Release what holds the application's grants no longer, and hold what must be held again."""
    held = grants_of(connection, application.id, now)
    asked = read_asked(connection, {each.dataset for each in held})
    everyone = {each.id: each for each in application.everyone}
    for grant in held:
        if grant.dataset not in asked or grant.person not in everyone:
            continue
        wanted = holds_on(
            connection, application, asked[grant.dataset], everyone[grant.person], running=now
        )
        for hold in _OURS:
            if hold in wanted and hold not in grant.holds:
                hold_grant(connection, grant.id, hold, reason=_WHY[hold], by="node")
            elif hold in grant.holds and hold not in wanted:
                release_hold(connection, grant.id, hold, reason="It was seen to.", by="node")


def applications_of(connection: Connection, person: str, now: datetime) -> list[str]:
    """The applications on which a person's grants rest that are not over."""
    found = list_grants(connection, person=person, limit=_ALL)
    return sorted(
        {each.application for each in found if each.application and not each.is_over(now)}
    )


def grants_of(connection: Connection, application: str, now: datetime) -> list[Grant]:
    """The application's grants that are not over."""
    found = list_grants(connection, application=application, limit=_ALL)
    return [each for each in found if not each.is_over(now)]


def holds_on(
    connection: Connection,
    application: Application,
    asked: Asked,
    party: Party,
    *,
    running: datetime | None = None,
) -> frozenset[Hold]:
    """What holds a person's grant to a dataset; `running` now, where it is one that runs."""
    versions = concerning(connection, [asked.accession])
    clicked = [(each.agreement, each.version) for each in accepted_by(connection, [party.id])]
    signed = [(each.agreement, each.version) for each in application.signatures]
    holds: set[Hold] = set()
    if still_needed((each for each in versions if not each.is_signed), clicked, now=running):
        holds.add(Hold.TERMS)
    if still_needed((each for each in versions if each.is_signed), signed, now=running):
        holds.add(Hold.SIGNATURE)
    if transfer_for(application, asked, party) is Transfer.NEEDED:
        holds.add(Hold.TRANSFER)
    return frozenset(holds)


def concerning(connection: Connection, datasets: Iterable[str]) -> list[Agreement]:
    """All versions of the agreements that concern any of these datasets in their current one."""
    wanted = list(datasets)
    written = list_agreements(connection, all_versions=True)
    current: dict[str, Agreement] = {}
    for each in written:  # the newest of each comes first
        current.setdefault(each.id, each)
    return [each for each in written if any(current[each.id].concerns(name) for name in wanted)]


def transfer_for(application: Application, asked: Asked, party: Party) -> Transfer:
    """What the law of transfers asks for before this person uses this dataset."""
    if not asked.policy.dataset_type.is_clinical:
        return Transfer.NONE
    return transfer_of(party.country, is_on_file=party.id in application.transfers)


def _record(
    connection: Connection,
    application: Application,
    asked: Asked,
    party: Party,
    *,
    now: datetime,
    by: str,
) -> None:
    decision = _decision(application, asked.accession)
    months = months_of(application)
    uses = decision.uses if decision.uses is not None else _asked_uses(application)
    holds = holds_on(connection, application, asked, party)
    end = last_moment(asked.policy, start=now, months=months, end=decision.end)
    before = _held(connection, party.id, asked.accession, now)
    # who still has an older grant goes on with it until the new one can open
    start, supersedes = now, ""
    if before and holds and before.end < end:
        start = before.end
        end = last_moment(asked.policy, start=start, months=months, end=decision.end)
    elif before:
        supersedes = before.id
    record_grant(
        connection,
        person=party.id,
        dataset=asked.accession,
        start=start,
        end=end,
        reason=f"Application {application.id} was approved.",
        by=by,
        uses=frozenset(map(GrantUse, uses)),
        conditions=decision.conditions,
        application=application.id,
        holds=holds,
        supersedes=supersedes,
    )


def _decision(application: Application, dataset: str) -> Decision:
    return [each for each in application.decisions if each.dataset == dataset][-1]


def _asked_uses(application: Application) -> tuple[str, ...]:
    environment = application.answers.get("environment")
    return tuple(map(str, environment)) if isinstance(environment, list) else ()


def _held(connection: Connection, person: str, dataset: str, now: datetime) -> Grant | None:
    found = list_grants(connection, person=person, dataset=dataset, limit=_ALL)
    running = [each for each in found if not each.is_over(now)]
    return max(running, key=lambda each: each.end, default=None)
