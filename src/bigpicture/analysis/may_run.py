"""May run: may this person run this algorithm, or see its weights, now; the one decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from bigpicture.access.decide import Decision, Reason
from bigpicture.analysis.algorithm_grants import list_grants
from bigpicture.analysis.registry import Registered, list_registered
from bigpicture.model.algorithm_grant import AlgorithmGrant, AlgorithmUse
from bigpicture.model.errors import ForbiddenError, SignInError, UnknownError
from bigpicture.model.person import Permission, Person
from bigpicture.model.policy import AccessTier
from bigpicture.model.seal import NOTHING, Sealed


def may_know(person: Person | None, wanted: Registered, grants: Sequence[AlgorithmGrant]) -> bool:
    """Whether a person may know that the algorithm is there; `grants` are this person's on it."""
    if wanted.is_listed:
        return True
    if person is None:
        return False
    return (
        wanted.owner == person.id
        or any(each.revoked is None for each in grants)
        or person.may(Permission.ALGORITHM_MANAGE)
        or person.may(Permission.EVENT_READ)
    )


def decide_use(
    person: Person | None,
    wanted: Registered,
    use: AlgorithmUse,
    *,
    grants: Sequence[AlgorithmGrant],
    now: datetime,
    sealed: Sealed = NOTHING,
) -> Decision:
    """Decide. No role opens weights: a steward who needs them records a grant, which is told.

    What is installed with the node has no grants: anybody who signed in may run it.
    """
    refusal = _refuse(person, wanted, use, sealed)
    if refusal is not None or person is None:
        return refusal or _SIGN_IN
    if wanted.owner == person.id:
        return Decision(True, None, "It is your own.")
    if use is AlgorithmUse.RUN and _is_open(person, wanted, now):
        return Decision(True, None, "Open to everybody of its tier.")
    live = [each for each in grants if each.is_live(now)]
    fit = [each for each in live if use in each.uses]
    if fit:
        longest = max(fit, key=lambda each: each.end)
        return Decision(
            True, None, f"Granted until {longest.end:%Y-%m-%d %H:%M} UTC.", None, longest.id
        )
    if live:
        return Decision(False, Reason.USE, f"Your grant does not allow this: {use}.")
    return Decision(False, Reason.GRANT, "This algorithm needs a grant; ask its owner for one.")


_SIGN_IN = Decision(False, Reason.SIGN_IN, "Sign in to use an algorithm.")


def _refuse(
    person: Person | None, wanted: Registered, use: AlgorithmUse, sealed: Sealed
) -> Decision | None:
    if person is None:
        return _SIGN_IN
    if sealed.node or sealed.over_person(person.id):
        return Decision(False, Reason.SEALED, "This is sealed. Ask the stewards of this node.")
    if use is AlgorithmUse.RUN and wanted.withdrawn is not None:
        return Decision(
            False, Reason.WITHDRAWN, "This version was withdrawn: nobody runs it any more."
        )
    return None


def _is_open(person: Person, wanted: Registered, now: datetime) -> bool:
    if wanted.tier is AccessTier.REGISTERED:
        return person.is_registered(now)
    return wanted.tier is AccessTier.OPEN


def require_use(
    connection: Connection,
    person: Person | None,
    algorithm: str,
    version: str | None,
    use: AlgorithmUse = AlgorithmUse.RUN,
    *,
    sealed: Sealed = NOTHING,
) -> Registered:
    """The version (the newest in use unless said) that this person may use now.

    Raises `UnknownError` where there is none, or none that the person may know of; `SignInError`,
    `ForbiddenError`.
    """
    grants = list_grants(connection, algorithm, person=person.id) if person else []
    wanted = known_version(connection, person, algorithm, version, grants=grants)
    decision = decide_use(person, wanted, use, grants=grants, now=datetime.now(UTC), sealed=sealed)
    if not decision.allowed:
        if decision.reason is Reason.SIGN_IN:
            raise SignInError(decision.text)
        raise ForbiddenError(decision.text, place=algorithm, rule=str(decision.reason))
    return wanted


def known_version(
    connection: Connection,
    person: Person | None,
    algorithm: str,
    version: str | None,
    *,
    grants: Sequence[AlgorithmGrant],
) -> Registered:
    """A version that this person may know of; raises `UnknownError`."""
    for each in list_registered(connection, id=algorithm):
        is_wanted = each.algorithm.version == version or (version is None and not each.withdrawn)
        if is_wanted and may_know(person, each, grants):
            return each
    raise UnknownError(
        "there is no such algorithm, or no such version of it.", place=algorithm[:80]
    )
