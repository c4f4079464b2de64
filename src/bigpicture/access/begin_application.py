"""Begin an application: a draft for datasets or a cohort, or a copy of an older one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Connection

from bigpicture.access.application_facts import country_of, read_asked
from bigpicture.access.application_form import VERSION
from bigpicture.access.application_rows import keep_events, list_ids
from bigpicture.access.applications import Around, carry_out, see_application
from bigpicture.access.committees import actor_of, deciding_on
from bigpicture.model.application import Application, Party, State
from bigpicture.model.application_event import ApplicationEvent
from bigpicture.model.application_fold import begin
from bigpicture.model.application_table import Command
from bigpicture.model.errors import InputError, LimitError, UnknownError
from bigpicture.model.person import Person
from bigpicture.model.policy import AccessTier
from bigpicture.storage.records.application_tables import applications

MOST_DATASETS = 200
MOST_DRAFTS = 50
"""Of one person at a time."""


def create_application(
    connection: Connection,
    person: Person,
    *,
    datasets: Sequence[str],
    cohort: tuple[str, int] | None,
    now: datetime,
    said: Mapping[str, object] | None = None,
) -> Application:
    """Begin a draft; `said` is what a renewal takes over.

    Raises `UnknownError` for an unknown dataset, `InputError` for one that needs no application or
    that nobody here decides on, `LimitError` for too many drafts.
    """
    lines = lines_of(connection, datasets)
    answers = cast("Mapping[str, object]", (said or {}).get("answers") or {})
    drafts = [
        each for each, _ in list_ids(connection, _own(person), state=State.DRAFT, limit=MOST_DRAFTS)
    ]
    if len(drafts) >= MOST_DRAFTS:
        raise LimitError(
            "there are too many drafts.",
            rule=f"at most {MOST_DRAFTS}",
            remedy="Submit or withdraw one.",
        )
    event = ApplicationEvent(
        seq=1,
        at=now,
        by=person.id,
        command=Command.CREATE,
        said={
            "form": VERSION,
            **(said or {}),
            "id": secrets.token_hex(10),
            "applicant": {
                "id": person.id,
                "organisation": person.organisation,
                "country": country_of(answers),
            },
            "datasets": lines,
            "cohort": list(cohort) if cohort else None,
        },
    )
    application = begin(event)
    keep_events(connection, application, [event])
    return application


def lines_of(connection: Connection, datasets: Sequence[str]) -> list[dict[str, str]]:
    """The datasets with their committees, as an event says them; raises as above."""
    wanted = list(dict.fromkeys(datasets))
    if len(wanted) > MOST_DATASETS:
        raise LimitError("these are too many datasets.", rule=f"at most {MOST_DATASETS}")
    asked, deciding = read_asked(connection, wanted), deciding_on(connection, wanted)
    for name in wanted:
        if name not in asked:
            raise UnknownError("there is no such dataset.", place=name)
        if asked[name].policy.tier is AccessTier.OPEN:
            raise InputError(
                "this dataset is open to everyone.", place=name, remedy="Leave it out."
            )
        if name not in deciding:
            raise InputError(
                "nobody here decides on this dataset.",
                place=name,
                rule="a dataset has a committee",
                remedy="Its page says where to apply.",
            )
    return [{"dataset": name, "committee": deciding[name]} for name in wanted]


def renew(
    connection: Connection, person: Person, application: str, *, around: Around
) -> Application:
    """Copy an application into a new draft, which is decided on as any other.

    Datasets that nobody here decides on any more stay behind; documents are attached anew.
    """
    old = see_application(connection, person, application)
    names = [each.dataset for each in old.lines]
    asked, deciding = read_asked(connection, names), deciding_on(connection, names)
    said = {
        "renews": old.id,
        "form": old.form,
        "answers": dict(old.answers),
        "members": [_party(each) for each in old.members],
        "signatory": _party(old.signatory) if old.signatory else None,
    }
    actor = actor_of(connection, person)
    fresh = create_application(
        connection,
        person,
        datasets=[name for name in names if name in asked and name in deciding],
        cohort=old.cohort,
        now=around.now,
        said=said,
    )
    carry_out(connection, old, actor, Command.RENEW, {"into": fresh.id}, around=around)
    return fresh


def _party(party: Party) -> dict[str, str]:
    return {"id": party.id, "organisation": party.organisation, "country": party.country}


def _own(person: Person) -> ColumnElement[bool]:
    return applications.c.applicant == person.id
