"""Decide: may this person open this dataset, now, for this purpose; the one decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import cast

from bigpicture.access.standing import read_standing
from bigpicture.model.grant import Grant
from bigpicture.model.person import Person
from bigpicture.model.policy import AccessTier
from bigpicture.model.standing import RELEASED, DatasetStanding


class Purpose(StrEnum):
    """What the person wants to do with the dataset."""

    READ = "read"
    """Read what the records say of single images."""
    VIEW = "view"
    """Look at pixels."""
    DOWNLOAD = "download"
    """Take files away."""


class Reason(StrEnum):
    """Why not."""

    SIGN_IN = "sign-in"
    GRANT = "grant"
    COMPUTE_ONLY = "compute-only"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the decision needs of a dataset; `apply` is where to ask for a grant, if known.

    `contributor` is the id of the person who submitted it.
    """

    dataset: str
    tier: AccessTier
    apply: str | None = None
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
    grants: Iterable[Grant],
    now: datetime,
) -> Decision:
    """Decide. `grants` are this person's to this dataset, live or not.

    No role opens a controlled dataset: a steward who needs to look at it records a grant, which
    everybody can read afterwards. Nothing of a compute-only dataset is looked at or taken away.
    """
    if terms.standing.is_withdrawn:
        return WITHDRAWN
    if terms.tier is AccessTier.OPEN:
        return OPEN
    if person is None:
        return Decision(
            False, Reason.SIGN_IN, "Sign in to open this controlled dataset.", terms.apply
        )
    live = [grant for grant in grants if grant.is_live(now)]
    if not live:
        return Decision(
            False,
            Reason.GRANT,
            "This dataset opens only under a grant; apply for one.",
            terms.apply,
        )
    if terms.tier is AccessTier.COMPUTE_ONLY and purpose is not Purpose.READ:
        return Decision(
            False,
            Reason.COMPUTE_ONLY,
            "Programs go to this dataset; nobody looks at its images or takes them away.",
            terms.apply,
        )
    longest = live[0] if len(live) == 1 else max(live, key=lambda grant: grant.end)
    return _granted(longest.id, longest.end)


def next_change(grants: Iterable[Grant], now: datetime) -> datetime:
    """The next moment at which one of the grants begins or ends, and so a decision may change."""
    moments = (at for each in grants for at in (each.start, each.end, each.revoked) if at)
    return min((at for at in moments if at > now), default=datetime.max.replace(tzinfo=UTC))


@lru_cache(1024)  # the same words for each of a thousand tiles
def _granted(grant: str, end: datetime) -> Decision:
    return Decision(True, None, f"Granted until {end:%Y-%m-%d %H:%M} UTC.", None, grant)


def read_terms(row: Mapping[str, object]) -> Terms:
    """Terms from a row of `datasets` with its contributor."""
    return Terms(
        str(row["accession"]),
        AccessTier(str(row["tier"])),
        _where_to_apply(row),
        read_standing(row),
        cast("str | None", row["contributor"]),
    )


def _where_to_apply(row: Mapping[str, object]) -> str | None:
    landing = row["landing"]
    if not isinstance(landing, Mapping):
        return None
    link = str(landing.get("rems_access_link") or "")
    if link.startswith("https://"):  # it becomes a link in a browser: never javascript:
        return link
    contact = str(landing.get("contact_email") or "")
    return f"mailto:{contact}" if "@" in contact and contact.isprintable() else None
