"""A person with an account on this node, and what each role may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CONTRIBUTOR: frozenset({Permission.SUBMISSION_CREATE}),
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
        }
    ),
    Role.COMMITTEE: frozenset({Permission.SEAL_SET, Permission.SEAL_READ}),
    Role.RESEARCHER: frozenset(),
    Role.AUDITOR: frozenset(
        {
            Permission.EVENT_READ,
            Permission.DATASET_READ_HIDDEN,
            Permission.SEAL_READ,
            Permission.DUTY_READ_ANY,
            Permission.APPLICATION_READ_ANY,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Person:
    """`id` is a random token, `name` what the person signs in with."""

    id: str
    name: str
    display_name: str
    organisation: str
    roles: frozenset[Role]

    def may(self, permission: Permission) -> bool:
        return any(permission in PERMISSIONS[role] for role in self.roles)
