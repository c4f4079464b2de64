"""The demo has an application in review, and its committee can decide on it."""

from __future__ import annotations

from datetime import UTC, datetime

from applying import publish_kidneys
from bigpicture.access.application_rows import find_application, list_ids, mine
from bigpicture.access.applications import Around, act_on
from bigpicture.access.people import find_named
from bigpicture.app.demo_access import APPLICANT, COMMITTEE_PEOPLE, apply_demo
from bigpicture.model.application import State
from bigpicture.model.application_table import Command
from published import add_person


def test_an_application_waits_for_two_votes(stores, frames):
    publish_kidneys(stores)
    roles = {"steward": "steward", APPLICANT: "researcher"}
    people = {
        name: add_person(
            stores, name, roles.get(name, "committee"), organisation=f"Organisation of {name}"
        )[0]
        for name in ("steward", APPLICANT, *COMMITTEE_PEOPLE)
    }
    for _ in range(2):  # the second start of the demo
        with stores.records.write() as connection:
            apply_demo(connection)
    with stores.records.read() as connection:
        ((application, _),) = list_ids(connection, mine(people[APPLICANT].id))
        found = find_application(connection, application)
    assert found.state is State.IN_REVIEW
    assert set(found.matches) == {each.dataset for each in found.lines}
    around = Around(datetime.now(UTC))
    with stores.records.write() as connection:
        for name in COMMITTEE_PEOPLE:
            person = find_named(connection, name)
            said = {"has_conflict": False, "text": ""}
            act_on(connection, person, application, Command.DECLARE, said, around=around)
            for line in found.lines:
                vote = {"dataset": line.dataset, "vote": "approve", "reason": "fits"}
                after = act_on(connection, person, application, Command.VOTE, vote, around=around)
    assert after.state is State.APPROVED
