"""Facts: what the records say that an application must be judged by; and its matches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from sqlalchemy import Connection, select

from bigpicture.access.agreements import agreements_for
from bigpicture.access.application_form import errors_in
from bigpicture.access.blocks import blocked
from bigpicture.access.committees import deciding_on, seats_of
from bigpicture.access.data_use.diseases import Lineage
from bigpicture.access.data_use.duties import last_day
from bigpicture.access.data_use.match import match
from bigpicture.model import data_use as duo
from bigpicture.model.application import Application, DocumentKind, LineState
from bigpicture.model.application_guards import Facts
from bigpicture.model.purpose_json import purpose_from_json
from bigpicture.model.use_policy import UsePolicy
from bigpicture.model.use_policy_json import use_policy_of
from bigpicture.storage.records.tables import datasets, people


@dataclass(frozen=True, slots=True)
class Asked:
    """A dataset as applications need it."""

    accession: str
    title: str
    policy: UsePolicy


def read_asked(connection: Connection, wanted: Iterable[str]) -> dict[str, Asked]:
    """The datasets, of those wanted, that are published."""
    columns = ("accession", "title", "policy", "dataset_type", "tier")
    rows = connection.execute(
        select(*(datasets.c[name] for name in columns)).where(
            datasets.c.accession.in_(list(wanted))
        )
    ).mappings()
    return {
        row["accession"]: Asked(row["accession"], row["title"], use_policy_of(dict(row)))
        for row in rows
    }


def facts_of(connection: Connection, application: Application) -> Facts:
    """What a command on this application is judged by, now."""
    wanted = [each.dataset for each in application.living if each.state is LineState.ASKED]
    asked = read_asked(connection, wanted)
    deciding = deciding_on(connection, wanted)
    wants_ethics = (
        name
        for name, each in asked.items()
        if any(term.code == duo.IRB.code for term in each.policy.terms)
    )
    return Facts(
        form_errors=errors_in(application.answers, application.form),
        needs_ethics=frozenset(wants_ethics),
        barred=frozenset(
            name for name in wanted if blocked(connection, application.applicant.id, name)
        ),
        gone=frozenset(name for name in wanted if name not in asked or name not in deciding),
        needs_signatory=any(each.is_signed for each in agreements_for(connection, wanted)),
        seats=seats_of(connection, {each.committee for each in application.living}),
    )


def match_all(
    connection: Connection, application: Application, lineage: Lineage | None
) -> dict[str, dict[str, object]]:
    """What the policy of each dataset says to the purpose; it advises those who decide.

    Nothing is matched while the purpose cannot be read: then the form is not complete.
    """
    said = application.answers.get("purpose")
    if errors_in(application.answers, application.form) or not isinstance(said, Mapping):
        return {}
    names = connection.scalars(
        select(people.c.name).where(people.c.id.in_([each.id for each in application.everyone]))
    )
    purpose = purpose_from_json(cast("Mapping[str, object]", said))
    has_approval = any(each.kind is DocumentKind.ETHICS for each in application.documents)
    purpose = replace(
        purpose,
        users=frozenset(names),
        months=months_of(application) or purpose.months,
        research_question=str(application.answers.get("research_question") or "") or None,
        has_approval=has_approval or purpose.has_approval,
    )
    asked = read_asked(connection, [each.dataset for each in application.living])
    return {
        name: match(each.policy, purpose, lineage).as_json() for name, each in sorted(asked.items())
    }


def country_of(answers: Mapping[str, object]) -> str:
    """Where the data would be used, as the purpose says; empty while it does not."""
    purpose = cast("Mapping[str, object] | None", answers.get("purpose"))
    return str(purpose.get("country") or "").upper() if purpose else ""


def months_of(application: Application) -> int | None:
    """For how many months it asks."""
    months = application.answers.get("months")
    return months if isinstance(months, int) else None


def last_moment(policy: UsePolicy, *, start: datetime, months: int | None, end: str) -> datetime:
    """When a grant from `start` ends: by the policy, the months asked for, the committee's end.

    Raises `ValueError` where none of them gives an end, which the form does not let happen.
    """
    day: date | None = last_day(policy, start=start.date(), months=months)
    limits = [datetime(day.year, day.month, day.day, tzinfo=start.tzinfo)] if day else []
    limits += [datetime.fromisoformat(end)] if end else []
    return min(limits)
