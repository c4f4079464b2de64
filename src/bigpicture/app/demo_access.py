"""The demo's committees, and an application that one of them has before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from bigpicture.access.agreements import write_agreement
from bigpicture.access.application_facts import country_of
from bigpicture.access.applications import Around, act_on
from bigpicture.access.begin_application import create_application
from bigpicture.access.committees import create_committee, give_dataset, list_committees, seat
from bigpicture.access.people import find_named
from bigpicture.model.agreement import AgreementKind
from bigpicture.model.application_table import Command
from bigpicture.model.policy import AccessTier
from bigpicture.model.voting import VotingRule
from bigpicture.storage.records.tables import datasets

COMMITTEE_PEOPLE = ("committee", "chair")
APPLICANT = "visitor"

_TERMS = """# Terms of use

- Use the data for the purpose that was approved, and for nothing else.
- Do not try to find out whose tissue it is.
- Give the data to nobody who is not named in the application.
- Say where the data come from when you publish.
"""
_ANSWERS: Mapping[str, object] = {
    "title": "Does a program grade like a pathologist?",
    "lay_summary": "We teach a program to grade tissue, and see how often it agrees with people.",
    "research_question": "How often does the program agree with three pathologists?",
    "purpose": {
        "uses": ["health", "methods"],
        "country": "SE",
        "is_commercial": False,
        "organisation_type": "not-for-profit",
        "organisation": "Demo institute",
        "recipients": [],
        "sensitive": [],
        "prohibited": [],
    },
    "methods_summary": "A network is trained on patches and judged on slides that it never saw.",
    "environment": ["view", "stream"],
    "months": 24,
    "data_minimisation": "The slides of one organ; fewer would not tell the grades apart.",
    "security_measures": "Patches are read into memory on a server of the institute.",
    "publication_plan": "An open journal, with the program.",
}


def apply_demo(connection: Connection) -> None:
    """Seat two committees, and let the visitor apply to the first; once, if people are there."""
    controlled = connection.scalars(
        select(datasets.c.accession)
        .where(datasets.c.tier != AccessTier.OPEN)
        .order_by(datasets.c.accession)
    ).all()
    if not controlled or list_committees(connection, limit=1):
        return
    people = {
        name: find_named(connection, name) for name in ("steward", APPLICANT, *COMMITTEE_PEOPLE)
    }
    steward = people["steward"].id
    for name, decided in (
        ("Committee of the demo hospital", controlled[:1]),
        ("Committee of the demo network", controlled[1:]),
    ):
        made = create_committee(
            connection,
            name=name,
            contact="committee@example.org",
            rule=VotingRule.MAJORITY,
            quorum=2,
            by=steward,
        )
        for each in COMMITTEE_PEOPLE:
            seat(connection, made.id, people[each].id, by=steward)
        for accession in decided:
            give_dataset(connection, made.id, accession, by=steward)
    write_agreement(
        connection,
        id="terms-of-use",
        kind=AgreementKind.CLICK,
        title="Terms of use",
        text=_TERMS,
        requires_reaccept=True,
        for_datasets=(),
        by=steward,
    )
    around = Around(datetime.now(UTC))
    applicant, handler = people[APPLICANT], people[COMMITTEE_PEOPLE[0]]
    made = create_application(
        connection, applicant, datasets=controlled[:2], cohort=None, now=around.now
    )
    works = {
        "id": applicant.id,
        "organisation": applicant.organisation,
        "country": country_of(_ANSWERS),
    }
    for person, command, said in (
        (applicant, Command.EDIT, {"answers": dict(_ANSWERS), "applicant": works}),
        (applicant, Command.SUBMIT, {}),
        (handler, Command.SCREEN, {}),
    ):
        act_on(connection, person, made.id, command, said, around=around)
