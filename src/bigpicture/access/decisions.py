"""Decisions: the one decision, taken at each read from what is remembered under the seal epoch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from bigpicture.access.decide import Decision, Purpose, Terms, decide, next_change, read_terms
from bigpicture.access.epoch import Epoch, Epochs
from bigpicture.access.grant_rows import read_grant
from bigpicture.access.seals import Seals
from bigpicture.access.standing import COLUMNS, may_know
from bigpicture.model.errors import UnknownError
from bigpicture.model.grant import Grant
from bigpicture.model.person import Person
from bigpicture.model.scope import Scope
from bigpicture.model.seal import NOTHING, Sealed
from bigpicture.storage.records import Records
from bigpicture.storage.records.application_tables import committee_datasets
from bigpicture.storage.records.identity_tables import outside_grants
from bigpicture.storage.records.tables import datasets, grants, people, submissions

PEOPLE_KEPT = 10_000
TAKEN_KEPT = 100_000

_Grants = Mapping[str, tuple[Grant, ...]]
"""A person's grants by dataset."""


_Who = tuple[Person, bool] | None
"""A person as the session leaves them, whether visas register them now; None for the world."""


_Asked = tuple[str | None, str, Purpose]
"""The id of who asks, for which dataset, for what."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """What of `names` a person sees, as long as no grant and no embargo begins or ends."""

    names: tuple[str, ...]
    until: datetime
    scope: Scope


@dataclass(frozen=True, slots=True)
class _Taken:
    """A decision, and until when nothing that it rests on begins or ends."""

    person: Person | None
    until: datetime
    decision: Decision


@dataclass(slots=True)
class _Known:
    """What was learned while one seal epoch stood; thrown away as a whole when it moves."""

    epoch: int
    sealed: Sealed
    terms: dict[str, Terms] = field(default_factory=dict[str, Terms])
    grants: dict[str, _Grants] = field(default_factory=dict[str, _Grants])
    opened: dict[_Who, _Opened] = field(default_factory=dict[_Who, _Opened])
    taken: dict[_Asked, _Taken] = field(default_factory=dict[_Asked, _Taken])


class Decisions:
    """What decisions rest on (a dataset's terms, a person's grants), kept while the epoch stands.

    A decision is kept until the next moment at which a grant, an embargo or a registration begins
    or ends, so these happen on time without anybody bumping anything. A revocation, a grant, a
    withdrawal move the seal epoch, and are seen after `epoch.FRESH_SECONDS` at the latest.
    """

    def __init__(self, records: Records, epochs: Epochs, seals: Seals | None = None) -> None:
        self._records = records
        self._epochs = epochs
        self._seals = seals
        self._known = _Known(-1, NOTHING)
        self._latest = datetime.min.replace(tzinfo=UTC)

    def decide(
        self, person: Person | None, dataset: str, purpose: Purpose = Purpose.VIEW
    ) -> Decision:
        """The decision for a dataset's accession. May block.

        Raises `UnknownError` when no such dataset is published, or the person may not know of it.
        """
        return self.decide_each(person, [dataset], purpose)[dataset]

    def decide_each(
        self, person: Person | None, wanted: Iterable[str], purpose: Purpose = Purpose.READ
    ) -> dict[str, Decision]:
        """Decisions for many datasets with two queries at most. May block."""
        names = list(wanted)
        known = self._learnt(person, names)
        return {name: self._decide(known, person, name, purpose) for name in names}

    def terms(self, dataset: str) -> Terms:
        """What decisions on a dataset rest on. May block; raises `UnknownError`."""
        known = self._learnt(None, [dataset])
        return _terms(known, dataset)

    def listed(self, person: Person | None, names: Iterable[str]) -> list[str]:
        """Those of many published datasets that the person may know of. May block."""
        wanted = list(names)
        known, now = self._learnt(person, wanted), self._now()
        there = (known.terms[name] for name in wanted if name in known.terms)
        return [each.dataset for each in there if _may_know(person, each, now)]

    def scope(self, person: Person | None, names: tuple[str, ...]) -> Scope:
        """What of many published datasets the person may know of, and read. May block.

        The same is given again for the same tuple while nothing that it rests on changes.
        """
        known = self._at(self._epochs.current()[Epoch.SEAL])
        now = self._now()
        # one account comes with the roles and scopes of its session, and by visas that end
        kept = (person, person.is_registered(now)) if person else None
        held = known.opened.get(kept)
        if held is None or held.names is not names or now >= held.until:
            known = self._learnt(person, names)
            there = [known.terms[name] for name in names if name in known.terms]
            listed = frozenset(each.dataset for each in there if _may_know(person, each, now))
            opened = frozenset(
                name for name in listed if self._decide(known, person, name, Purpose.READ).allowed
            )
            held = _Opened(names, _until(known, person, there, now), Scope(opened, listed))
            if len(known.opened) >= PEOPLE_KEPT:
                known.opened.clear()
            known.opened[kept] = held
        return held.scope

    async def awaited(
        self, person: Person | None, dataset: str, purpose: Purpose = Purpose.VIEW
    ) -> Decision:
        """As `decide`, for the event loop; leaves it only for what is not known yet."""
        epochs = self._epochs.known() or await self._epochs.awaited()
        known = self._at(epochs[Epoch.SEAL])
        if dataset in known.terms and (person is None or person.id in known.grants):
            return self._decide(known, person, dataset, purpose)
        return await asyncio.to_thread(self.decide, person, dataset, purpose)

    def _learnt(self, person: Person | None, names: Iterable[str]) -> _Known:
        """What is known now, with these datasets and this person, by two queries at most."""
        known = self._at(self._epochs.current()[Epoch.SEAL])
        unknown = [name for name in names if name not in known.terms]
        is_new = person is not None and person.id not in known.grants
        if unknown or is_new:
            with self._records.read() as connection:
                known.terms.update(_read_terms(connection, unknown))
                if person is not None and is_new:
                    if len(known.grants) >= PEOPLE_KEPT:
                        known.grants.clear()
                        known.opened.clear()
                    known.grants[person.id] = _read_grants(connection, person)
        return known

    def _at(self, epoch: int) -> _Known:
        """What is known under `epoch`. Whoever still fills an older one fills it for himself."""
        sealed = self._seals.current() if self._seals else NOTHING
        known = self._known
        if known.epoch == epoch and known.sealed is sealed:
            return known
        fresh = _Known(epoch, sealed)
        if epoch >= known.epoch:
            self._known = fresh
        return fresh

    def _decide(
        self, known: _Known, person: Person | None, dataset: str, purpose: Purpose
    ) -> Decision:
        asked, now = (person.id if person else None, dataset, purpose), self._now()
        taken = known.taken.get(asked)
        # the very same person: another session of the account may carry other roles and scopes
        if taken is not None and taken.person is person and now < taken.until:
            return taken.decision
        taken = _take(known, person, dataset, purpose, now)
        if len(known.taken) >= TAKEN_KEPT:
            known.taken.clear()
        known.taken[asked] = taken
        return taken.decision

    def _now(self) -> datetime:
        """The clock, which for access never goes back: what has ended here stays ended."""
        now = datetime.now(UTC)
        if now < self._latest:
            return self._latest
        self._latest = now
        return now


def _take(
    known: _Known, person: Person | None, dataset: str, purpose: Purpose, now: datetime
) -> _Taken:
    """The decision; raises `UnknownError` where the person may not know of the dataset."""
    terms = _terms(known, dataset)
    if not _may_know(person, terms, now):
        raise _unknown(dataset)
    held = known.grants.get(person.id, {}).get(dataset, ()) if person else ()
    decision = decide(person, terms, purpose, grants=held, now=now, sealed=known.sealed)
    return _Taken(person, _next(person, held, [terms], now), decision)


def _until(known: _Known, person: Person | None, there: list[Terms], now: datetime) -> datetime:
    """The next moment at which a grant, an embargo or a registration begins or ends."""
    mine = known.grants.get(person.id, {}).values() if person else ()
    return _next(person, (grant for grants in mine for grant in grants), there, now)


def _next(
    person: Person | None, grants: Iterable[Grant], there: Iterable[Terms], now: datetime
) -> datetime:
    moments = [next_change(grants, now)]
    moments += [
        each.standing.until
        for each in there
        if each.standing.until and each.standing.is_hidden(now)
    ]
    if person and person.registered and person.is_registered(now):
        moments.append(person.registered)
    return min(moments)


def _terms(known: _Known, dataset: str) -> Terms:
    terms = known.terms.get(dataset)
    if terms is None:
        raise _unknown(dataset)
    return terms


def _may_know(person: Person | None, terms: Terms, now: datetime) -> bool:
    return may_know(person, terms.standing, terms.contributor, now)


def _unknown(dataset: str) -> UnknownError:
    return UnknownError("there is no such dataset.", place=dataset)


def _read_terms(connection: Connection, names: list[str]) -> dict[str, Terms]:
    told = (datasets.c.accession, datasets.c.tier, datasets.c.landing, *COLUMNS)
    contributor, decided = submissions.c.person.label("contributor"), committee_datasets
    question = (
        select(*told, people.c.organisation, contributor, decided.c.committee)
        .outerjoin(submissions, submissions.c.accession == datasets.c.accession)
        .outerjoin(people, people.c.id == submissions.c.person)
        .outerjoin(decided, decided.c.dataset == datasets.c.accession)
        .where(datasets.c.accession.in_(names))
    )
    rows = connection.execute(question).mappings()
    return {row["accession"]: read_terms(dict(row)) for row in rows}


def _read_grants(connection: Connection, person: Person) -> _Grants:
    mine: dict[str, tuple[Grant, ...]] = {}
    question = (
        select(grants, outside_grants.c.decider)
        .outerjoin(outside_grants, outside_grants.c.grant == grants.c.id)
        .where(grants.c.person == person.id)
    )
    rows = connection.execute(question).mappings()
    for grant in map(read_grant, rows):
        mine[grant.dataset] = (*mine.get(grant.dataset, ()), grant)
    return mine
