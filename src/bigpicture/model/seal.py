"""A seal: an emergency stop over the node or a part of it, and what several of them close."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

NODE = "node"
"""Who sealed, where it was done at the machine itself and not by a person with an account."""


class SealScope(StrEnum):
    NODE = "node"
    """Every door."""
    SITE = "site"
    """The datasets that an organisation contributed, by its name."""
    DATASET = "dataset"
    COMMITTEE = "committee"
    """The datasets that a committee decides on."""
    PERSON = "person"
    """Everything that one person may do."""
    GRANT = "grant"
    ISSUER = "issuer"
    """People and visas that one issuer vouches for."""


@dataclass(frozen=True, slots=True)
class Seal:
    """`of` is an id, an accession, a name or an address, as the scope says; empty for the node."""

    id: str
    scope: SealScope
    of: str
    reason: str
    since: datetime
    by: str


class Sealed:
    """What a set of seals closes. False where there is none."""

    def __init__(self, seals: Iterable[Seal] = ()) -> None:
        self.seals = tuple(sorted(seals, key=lambda seal: (seal.since, seal.id)))
        self._closed = {(each.scope, _folded(each)): each for each in reversed(self.seals)}
        self._has_grants = any(each.scope is SealScope.GRANT for each in self.seals)

    def __bool__(self) -> bool:
        return bool(self.seals)

    @property
    def node(self) -> Seal | None:
        """The seal over everything."""
        return self._closed.get((SealScope.NODE, ""))

    def over_person(self, person: str) -> Seal | None:
        """What closes everything to one person."""
        return self._closed.get((SealScope.PERSON, person))

    def over_dataset(
        self, dataset: str, *, sites: Collection[str] = (), committee: str = ""
    ) -> Seal | None:
        """What closes a dataset of these organisations and this committee to everybody."""
        found = self.node or self._closed.get((SealScope.DATASET, dataset))
        if found is None and committee:
            found = self._closed.get((SealScope.COMMITTEE, committee))
        keys = ((SealScope.SITE, site.casefold()) for site in sites)
        return found or next((self._closed[key] for key in keys if key in self._closed), None)

    def over_grant(self, grant: str) -> Seal | None:
        """What closes one grant."""
        return self._closed.get((SealScope.GRANT, grant)) if self._has_grants else None

    def over_issuer(self, issuer: str) -> Seal | None:
        """What closes what an issuer vouches for."""
        return self._closed.get((SealScope.ISSUER, issuer))


NOTHING = Sealed()


def _folded(seal: Seal) -> str:
    """Organisations are written as people write them; the rest is exact."""
    if seal.scope is SealScope.NODE:
        return ""
    return seal.of.casefold() if seal.scope is SealScope.SITE else seal.of
