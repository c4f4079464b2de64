"""A person with an account on this node, and what each role may do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self


class Role(StrEnum):
    CONTRIBUTOR = "contributor"
    STEWARD = "steward"
    COMMITTEE = "committee"
    RESEARCHER = "researcher"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """A verb a role may perform, `resource:action`."""

    SUBMISSION_CREATE = "submission:create"
    SUBMISSION_READ_ANY = "submission:read-any"
    SUBMISSION_REVIEW = "submission:review"
    GRANT_RECORD = "grant:record"
    PERSON_MANAGE = "person:manage"
    EVENT_READ = "event:read"
    DATASET_READ_HIDDEN = "dataset:read-hidden"
    DATASET_SET_STANDING = "dataset:set-standing"
    SEAL_SET = "seal:set"
    SEAL_READ = "seal:read"
    DUTY_READ_ANY = "duty:read-any"
    COMMITTEE_MANAGE = "committee:manage"
    APPLICATION_READ_ANY = "application:read-any"
    AGREEMENT_WRITE = "agreement:write"
    ALGORITHM_PUBLISH = "algorithm:publish"
    ALGORITHM_MANAGE = "algorithm:manage"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CONTRIBUTOR: frozenset({Permission.SUBMISSION_CREATE, Permission.ALGORITHM_PUBLISH}),
    Role.STEWARD: frozenset(
        {
            Permission.SUBMISSION_CREATE,
            Permission.SUBMISSION_READ_ANY,
            Permission.SUBMISSION_REVIEW,
            Permission.GRANT_RECORD,
            Permission.PERSON_MANAGE,
            Permission.EVENT_READ,
            Permission.DATASET_READ_HIDDEN,
            Permission.DATASET_SET_STANDING,
            Permission.SEAL_SET,
            Permission.SEAL_READ,
            Permission.DUTY_READ_ANY,
            Permission.COMMITTEE_MANAGE,
            Permission.APPLICATION_READ_ANY,
            Permission.AGREEMENT_WRITE,
            Permission.ALGORITHM_PUBLISH,
            Permission.ALGORITHM_MANAGE,
        }
    ),
    Role.COMMITTEE: frozenset({Permission.SEAL_SET, Permission.SEAL_READ}),
    Role.RESEARCHER: frozenset({Permission.ALGORITHM_PUBLISH}),
    Role.AUDITOR: frozenset(
        {
            Permission.EVENT_READ,
            Permission.SEAL_READ,
            Permission.DUTY_READ_ANY,
            Permission.APPLICATION_READ_ANY,
            Permission.DATASET_READ_HIDDEN,
        }
    ),
}


STRONG_ROLES = frozenset({Role.STEWARD, Role.COMMITTEE})
"""Roles that decide for others: a node may ask a second factor for them."""


class TokenScope(StrEnum):
    """What a token may be used for, of all that its person may do."""

    READ = "read"
    """Read what the person may see, and look at it."""
    DOWNLOAD = "download"
    """Take files away."""
    SUBMIT = "submit"
    """Hand datasets in."""
    GOVERN = "govern"
    """Everything else that changes something, or shows what is kept from most."""


ALL_SCOPES = frozenset(TokenScope)
CHANGING = frozenset({TokenScope.SUBMIT, TokenScope.GOVERN})
"""Without one of these nothing is changed in the person's name."""


@dataclass(frozen=True, slots=True)
class Person:
    """`id` is a random token, `name` what the person signs in with.

    `scopes` are those of the token that speaks for the person. `registered` is the moment until
    which the person's visas, handed over by `registered_by`, open datasets of registered access.
    """

    id: str
    name: str
    display_name: str
    organisation: str
    roles: frozenset[Role]
    scopes: frozenset[TokenScope] = ALL_SCOPES
    registered: datetime | None = None
    registered_by: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether a role has the permission, and the token carries it."""
        is_submitting = permission is Permission.SUBMISSION_CREATE
        carried = TokenScope.SUBMIT if is_submitting else TokenScope.GOVERN
        return carried in self.scopes and any(
            permission in PERMISSIONS[role] for role in self.roles
        )

    def without_strong_roles(self) -> Self:
        """The same person, as long as the second factor is not shown."""
        return replace(self, roles=self.roles - STRONG_ROLES)

    def is_registered(self, now: datetime) -> bool:
        return self.registered is not None and now < self.registered
