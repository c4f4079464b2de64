"""Decide: may this person open this dataset, now, for this purpose; the one decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import cast

from bigpicture.access.standing import read_standing
from bigpicture.model.grant import Grant, GrantState, GrantUse, Hold
from bigpicture.model.person import Person
from bigpicture.model.policy import AccessTier
from bigpicture.model.seal import NOTHING, Seal, Sealed
from bigpicture.model.standing import RELEASED, DatasetStanding


class Purpose(StrEnum):
    """What the person wants to do with the dataset."""

    READ = "read"
    """Read what the records say of single images."""
    VIEW = "view"
    """Look at single pictures."""
    STREAM = "stream"
    """Read pixels in bulk."""
    DOWNLOAD = "download"
    """Take files away."""
    COMPUTE = "compute"
    """Let a program of one's own run where the data lie."""


NEEDS: Mapping[Purpose, frozenset[GrantUse]] = {
    Purpose.READ: frozenset(GrantUse),
    Purpose.VIEW: frozenset({GrantUse.VIEW}),
    Purpose.STREAM: frozenset({GrantUse.STREAM, GrantUse.DOWNLOAD}),
    Purpose.DOWNLOAD: frozenset({GrantUse.DOWNLOAD}),
    Purpose.COMPUTE: frozenset({GrantUse.COMPUTE}),
}
"""Any one of these uses allows a purpose. Who may take all files away may read them in pieces."""


class Reason(StrEnum):
    """Why not."""

    SEALED = "sealed"
    SIGN_IN = "sign-in"
    GRANT = "grant"
    PENDING = "pending"
    SUSPENDED = "suspended"
    USE = "use"
    COMPUTE_ONLY = "compute-only"
    WITHDRAWN = "withdrawn"


_REMEDIES: Mapping[Hold, str] = {
    Hold.TERMS: "an agreement waits for your acceptance: accept it at your application",
    Hold.SIGNATURE: "your organisation's signatory has not signed yet",
    Hold.TRANSFER: "a transfer outside the EEA needs its clauses and assessment on file",
    Hold.DUTY: "a duty is overdue: do it, and tell so at your access",
    Hold.AFFILIATION: "your organisation no longer confirms that you belong to it",
    Hold.STEWARD: "a steward or the committee suspended it: ask them",
}

_LOOKED_AT = frozenset({Purpose.VIEW, Purpose.STREAM, Purpose.DOWNLOAD})
"""What nobody does with compute-only data."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the decision needs of a dataset; `apply` is where to ask for a grant, if known.

    `sites` are the names of the organisations that contributed it, `committee` the id of the one
    that decides on it: by them it can be sealed.
    `contributor` is the id of the person who submitted it.
    """

    dataset: str
    tier: AccessTier
    apply: str | None = None
    sites: tuple[str, ...] = ()
    committee: str = ""
    standing: DatasetStanding = RELEASED
    contributor: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, for people too. `grant` is the id of the grant it rests on, if on one."""

    allowed: bool
    reason: Reason | None
    text: str
    apply: str | None = None
    grant: str | None = None


OPEN = Decision(True, None, "Open to everyone.")
WITHDRAWN = Decision(False, Reason.WITHDRAWN, "This dataset was withdrawn: nobody may read it.")


def decide(
    person: Person | None,
    terms: Terms,
    purpose: Purpose,
    *,
    grants: Sequence[Grant],
    now: datetime,
    sealed: Sealed = NOTHING,
) -> Decision:
    """Decide. `grants` are this person's to this dataset, live or not; a seal is above all.

    No role opens a controlled dataset: a steward who needs to look at it records a grant, which
    everybody can read afterwards. Nothing of a compute-only dataset is looked at or taken away,
    whatever a grant allows.
    """
    refusal = _refuse_closed(sealed, person, terms)
    if refusal is not None:
        return refusal
    if terms.tier is AccessTier.OPEN:
        return OPEN
    if person is None:
        return Decision(
            False, Reason.SIGN_IN, "Sign in to open this controlled dataset.", terms.apply
        )
    live = [grant for grant in grants if grant.is_live(now)]
    if not live:
        return _refuse_unlived(terms, grants, now)
    if sealed:
        shut = [sealed.over_grant(grant.id) for grant in live]
        live = [grant for grant, seal in zip(live, shut, strict=True) if seal is None]
        if not live and shut[0] is not None:
            return _refuse_sealed(terms, shut[0])
    if terms.tier is AccessTier.COMPUTE_ONLY and purpose in _LOOKED_AT:
        return Decision(
            False,
            Reason.COMPUTE_ONLY,
            "Programs go to this dataset; nobody looks at its images or takes them away.",
            terms.apply,
        )
    needed = NEEDS[purpose]
    fit = [grant for grant in live if not needed.isdisjoint(grant.uses)]
    if not fit:
        return _refuse_use(terms, live, purpose)
    longest = fit[0] if len(fit) == 1 else max(fit, key=lambda grant: grant.end)
    return _granted(longest.id, longest.end)


def _refuse_closed(sealed: Sealed, person: Person | None, terms: Terms) -> Decision | None:
    """What is sealed or withdrawn opens to nobody."""
    seal = _seal_over(sealed, person, terms) if sealed else None
    if seal is not None:
        return _refuse_sealed(terms, seal)
    return WITHDRAWN if terms.standing.is_withdrawn else None


def _seal_over(sealed: Sealed, person: Person | None, terms: Terms) -> Seal | None:
    found = sealed.over_dataset(terms.dataset, sites=terms.sites, committee=terms.committee)
    return found or (sealed.over_person(person.id) if person else None)


def _refuse_sealed(terms: Terms, seal: Seal) -> Decision:
    """What it is for is the stewards' business, so it is not told."""
    return Decision(
        False,
        Reason.SEALED,
        f"This is sealed since {seal.since:%Y-%m-%d %H:%M} UTC. Ask the stewards of this node.",
        terms.apply,
    )


def _refuse_unlived(terms: Terms, grants: Sequence[Grant], now: datetime) -> Decision:
    """No grant opens: the one that is nearest to doing so says why."""
    standing = {grant.state(now): grant for grant in grants}
    for state, reason in (
        (GrantState.SUSPENDED, Reason.SUSPENDED),
        (GrantState.PENDING_TERMS, Reason.PENDING),
    ):
        if state in standing:
            causes = "; ".join(_REMEDIES[hold] for hold in sorted(standing[state].holds))
            waits = "is suspended" if reason is Reason.SUSPENDED else "has not begun"
            return Decision(False, reason, f"Your grant {waits}: {causes}.", terms.apply)
    return Decision(False, Reason.GRANT, _why_none(standing), terms.apply)


def _why_none(standing: Mapping[GrantState, Grant]) -> str:
    if grant := standing.get(GrantState.FUTURE):
        return f"Your grant begins on {grant.start:%Y-%m-%d %H:%M} UTC."
    if GrantState.REVOKED in standing:
        return "Your grant was revoked; its reason stands at your access."
    if grant := standing.get(GrantState.EXPIRED):
        return f"Your grant ended on {grant.end:%Y-%m-%d %H:%M} UTC; apply to renew it."
    return "This dataset opens only under a grant; apply for one."


def _refuse_use(terms: Terms, live: Sequence[Grant], purpose: Purpose) -> Decision:
    allowed = ", ".join(sorted({use for grant in live for use in grant.uses}))
    wanted = " or ".join(sorted(NEEDS[purpose]))
    return Decision(
        False,
        Reason.USE,
        f"Your grant allows {allowed}, and this needs {wanted}; apply for a change.",
        terms.apply,
    )


def next_change(grants: Iterable[Grant], now: datetime) -> datetime:
    """The next moment at which one of the grants begins or ends, and so a decision may change."""
    moments = (at for each in grants for at in (each.start, each.end, each.revoked) if at)
    return min((at for at in moments if at > now), default=datetime.max.replace(tzinfo=UTC))


@lru_cache(1024)  # the same words for each of a thousand tiles
def _granted(grant: str, end: datetime) -> Decision:
    return Decision(True, None, f"Granted until {end:%Y-%m-%d %H:%M} UTC.", None, grant)


def read_terms(row: Mapping[str, object]) -> Terms:
    """Terms from a row of `datasets` with its contributor and its `committee`, if it has them."""
    return Terms(
        str(row["accession"]),
        AccessTier(str(row["tier"])),
        _where_to_apply(row),
        sites=_sites(row),
        committee=str(row.get("committee") or ""),
        standing=read_standing(row),
        contributor=cast("str | None", row["contributor"]),
    )


def _sites(row: Mapping[str, object]) -> tuple[str, ...]:
    """The organisation of who submitted it, and the center that it names itself."""
    landing = row["landing"]
    center = landing.get("center_name") if isinstance(landing, Mapping) else None
    names = (row.get("organisation"), center)
    return tuple(sorted({name for name in names if isinstance(name, str) and name}))


def _where_to_apply(row: Mapping[str, object]) -> str | None:
    if row.get("committee"):
        return f"/apply?dataset={row['accession']}"  # a page of this portal
    landing = row["landing"]
    if not isinstance(landing, Mapping):
        return None
    link = str(landing.get("rems_access_link") or "")
    if link.startswith("https://"):  # it becomes a link in a browser: never javascript:
        return link
    contact = str(landing.get("contact_email") or "")
    return f"mailto:{contact}" if "@" in contact and contact.isprintable() else None
