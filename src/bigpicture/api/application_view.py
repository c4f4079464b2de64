"""An application as somebody may see it: names for ids, and nothing that is not theirs to see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, select

from bigpicture.access.application_facts import Asked, read_asked
from bigpicture.access.application_grants import concerning, transfer_for
from bigpicture.access.application_told import deadline_of, waiting_for
from bigpicture.access.committees import name_committees
from bigpicture.access.grant_rows import list_grants
from bigpicture.access.people import find_people
from bigpicture.api.application_shapes import (
    Card,
    CohortRef,
    CommitteeRef,
    LineShown,
    Opinion,
)
from bigpicture.api.person_shown import PersonRef
from bigpicture.model.agreement import Agreement
from bigpicture.model.application import Application, LineState, Party, State
from bigpicture.model.application_act import allowed
from bigpicture.model.application_guards import Actor, parts_of
from bigpicture.model.application_table import Command, Part
from bigpicture.model.grant import Grant, Hold
from bigpicture.model.person import Permission, Person
from bigpicture.model.transfer import Transfer
from bigpicture.storage.records.tables import cohorts

_OPINIONS: dict[str, Opinion] = {"allow": "allow", "deny": "deny", "needs-human": "people"}
_MISSING = {
    Hold.TERMS: "members accept the agreements",
    Hold.SIGNATURE: "the organisation's signatory signs",
    Hold.TRANSFER: "the committee puts the transfer outside the EEA on file",
    Hold.DUTY: "a missed duty is done",
    Hold.AFFILIATION: "an affiliation is confirmed",
    Hold.STEWARD: "a suspension is lifted",
}


@dataclass(frozen=True)
class View:
    """One application, for one person; reads what it needs, once."""

    connection: Connection
    application: Application
    person: Person
    actor: Actor
    now: datetime

    @cached_property
    def parts(self) -> frozenset[Part]:
        return parts_of(self.application, self.actor)

    @property
    def sees_votes(self) -> bool:
        """Those who decide, stewards and auditors; never who has a part in it."""
        if self.person.id in self.application.parties:
            return False
        return Part.DECIDER in self.parts or self.person.may(Permission.APPLICATION_READ_ANY)

    @cached_property
    def people(self) -> dict[str, Person]:
        each = self.application
        named = {*each.parties, *(line.by for line in each.declarations)}
        named |= {vote.by for line in each.lines for vote in line.votes}
        named |= {one.by for one in (*each.questions, *each.reviews, *each.documents)}
        return find_people(self.connection, named | {one.by for one in each.signatures})

    @cached_property
    def asked(self) -> dict[str, Asked]:
        return read_asked(self.connection, [each.dataset for each in self.application.lines])

    @cached_property
    def committees(self) -> dict[str, str]:
        named = {each.committee for each in self.application.lines}
        return name_committees(
            self.connection, named | {each.committee for each in self.application.questions}
        )

    @cached_property
    def grants(self) -> list[Grant]:
        return list_grants(self.connection, application=self.application.id, limit=100_000)

    @cached_property
    def agreements(self) -> Sequence[Agreement]:
        """All versions of those that concern what is asked for, the newest of each first."""
        living = [each.dataset for each in self.application.living]
        return concerning(self.connection, living)

    @property
    def current(self) -> list[Agreement]:
        seen: dict[str, Agreement] = {}
        for each in self.agreements:
            seen.setdefault(each.id, each)
        return list(seen.values())

    def ref(self, person: str) -> PersonRef:
        return PersonRef.of(self.people.get(person), otherwise=person)

    def name(self, person: str) -> str:
        return self.ref(person).display_name

    def title(self, dataset: str) -> str:
        return self.asked[dataset].title if dataset in self.asked else dataset

    def committee(self, committee: str) -> CommitteeRef:
        return CommitteeRef(id=committee, name=self.committees.get(committee, ""))

    def transfer(self, party: Party) -> Transfer:
        """The most that any of the datasets asks for."""
        living = [each.dataset for each in self.application.living]
        order = [Transfer.NONE, Transfer.ADEQUATE, Transfer.ON_FILE, Transfer.NEEDED]
        found = (
            transfer_for(self.application, self.asked[name], party)
            for name in living
            if name in self.asked
        )
        return max(found, key=order.index, default=Transfer.NONE)

    def card(self) -> Card:
        each = self.application
        deadline = deadline_of(each)
        return Card(
            id=each.id,
            title=each.title,
            state=each.state,
            applicant=self.ref(each.applicant.id),
            organisation=each.applicant.organisation,
            created=each.created,
            submitted=each.submitted,
            changed=each.changed,
            deadline=deadline,
            is_overdue=deadline is not None and deadline <= self.now,
            datasets=[self._line(index) for index in range(len(each.lines))],
            cohort=self._cohort(),
            waiting_for=waiting_for(each, self.committees, missing=self._missing()),
            can=sorted(self._can()),
        )

    def _line(self, index: int) -> LineShown:
        line = self.application.lines[index]
        match = self.application.matches.get(line.dataset)
        return LineShown(
            accession=line.dataset,
            title=self.title(line.dataset),
            committee=self.committee(line.committee),
            state=line.state,
            opinion=_OPINIONS.get(str(match["answer"])) if match else None,
        )

    def _cohort(self) -> CohortRef | None:
        if self.application.cohort is None:
            return None
        cohort, version = self.application.cohort
        name = self.connection.scalar(select(cohorts.c.name).where(cohorts.c.id == cohort))
        return CohortRef(id=cohort, version=version, name=name or "")

    def _missing(self) -> tuple[str, ...]:
        if self.application.state is not State.APPROVED:
            return ()
        running = [each for each in self.grants if not each.is_over(self.now)]
        holds = {hold for each in running for hold in each.holds}
        return tuple(words for hold, words in _MISSING.items() if hold in holds)

    def _can(self) -> Iterable[Command]:
        """Of what part and state allow, what there is something to do for."""
        each = self.application
        asked = [line for line in each.living if line.state is LineState.ASKED]
        declared = each.declared(self.person.id)
        is_free = declared is not None and not declared.has_conflict
        useful = {
            Command.VOTE: is_free
            and any(line.committee in self.actor.committees for line in asked),
            Command.REVIEW: is_free
            and any(one.by == self.person.id and one.at is None for one in each.reviews),
            Command.ANSWER: any(one.answered is None for one in each.questions),
            Command.ACCEPT: any(not one.is_signed for one in self.current),
            Command.SIGN: any(one.is_signed for one in self.current),
            Command.RECORD_TRANSFER: any(
                self.transfer(party) is Transfer.NEEDED for party in each.everyone
            ),
        }
        for command in allowed(each, self.actor):
            if useful.get(command, True):
                yield command
