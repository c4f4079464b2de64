"""Publish: a version of an algorithm comes in, and goes out of use; it never changes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bigpicture.access.epoch import bump
from bigpicture.analysis.card_text import card_text
from bigpicture.analysis.folder import open_folder
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.manifest import MANIFEST_NAME
from bigpicture.analysis.package import unpack
from bigpicture.analysis.registry import Registered, find_registered, list_registered
from bigpicture.analysis.weights import check_weights
from bigpicture.ledger.record import record
from bigpicture.model.errors import ConflictError, ForbiddenError, InputError, UnknownError
from bigpicture.model.person import Permission, Person
from bigpicture.model.policy import AccessTier
from bigpicture.storage.records import Records
from bigpicture.storage.records.algorithm_tables import algorithm_versions, algorithms
from bigpicture.vault.kept import Kept
from bigpicture.vault.vault import Vault

TIERS = (AccessTier.OPEN, AccessTier.REGISTERED, AccessTier.CONTROLLED)


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may run an algorithm, who may know of it, and its terms in words."""

    tier: AccessTier = AccessTier.CONTROLLED
    is_listed: bool = False
    terms: str = ""


def publish(
    records: Records,
    vault: Vault,
    person: Person,
    package: bytes,
    *,
    policy: Policy = Policy(),
) -> Registered:
    """Take in a version: its files are checked, sealed and kept, and never change. May block.

    Whoever publishes the first version of an algorithm owns it, and sets its `policy`; later
    versions are published by the owner or a steward, and leave it as it is. The same files again
    are no change. Raises `InputError` for files that are no algorithm, `ConflictError` where other
    files were published as this version, `ForbiddenError` where it is somebody else's.
    """
    with tempfile.TemporaryDirectory(prefix="algorithm-") as folder:
        unpack(package, Path(folder))
        installed = open_folder(Path(folder))
        check_weights(installed)
        texts = _texts(installed, Path(folder))
    algorithm = installed.algorithm
    with records.read() as connection:
        if _is_there(connection, person, installed):
            return find_registered(algorithm.id, algorithm.version, connection=connection)
    kept = vault.keep([package], owner=algorithm.id)
    try:
        with records.write() as connection:
            _refuse_second(connection, person, installed)
            vault.settle(connection, kept)
            _insert(connection, person, installed, kept, texts, policy)
            return find_registered(algorithm.id, algorithm.version, connection=connection)
    except BaseException:
        vault.discard([kept.key])
        raise


def withdraw(
    connection: Connection, person: Person, algorithm: str, version: str, *, reason: str
) -> Registered:
    """Take a version out of use: what it gave stays, and nobody runs it any more.

    By its owner or a steward; event and epoch in the caller's transaction. Raises `InputError`
    without a reason, `UnknownError`, `ForbiddenError`, `ConflictError` where it was withdrawn.
    """
    owner_row(connection, person, algorithm)
    if not reason.strip():
        raise InputError("a withdrawal needs a reason.", place="reason")
    found = find_registered(algorithm, version, connection=connection)
    if found.withdrawn is not None:
        raise ConflictError("this version was withdrawn before.", place=f"{algorithm} {version}")
    c = algorithm_versions.c
    connection.execute(
        update(algorithm_versions)
        .where(c.algorithm == algorithm, c.version == version)
        .values(
            withdrawn=datetime.now(UTC), withdrawn_by=person.id, withdrawn_reason=reason.strip()
        )
    )
    bump(connection)
    details = {"version": version, "digest": found.algorithm.digest, "reason": reason.strip()}
    record(
        connection,
        actor=person.id,
        action="algorithm:withdraw",
        subject=algorithm,
        details=details,
    )
    return find_registered(algorithm, version, connection=connection)


def set_policy(connection: Connection, person: Person, algorithm: str, policy: Policy) -> None:
    """Say who may run an algorithm and who may know of it; as `withdraw`."""
    before = owner_row(connection, person, algorithm)
    _check(policy)
    told = {"tier": policy.tier.value, "is_listed": policy.is_listed, "terms": policy.terms}
    connection.execute(update(algorithms).where(algorithms.c.id == algorithm).values(told))
    bump(connection)
    details = {"tier": told["tier"], "is_listed": policy.is_listed, "was": before["tier"]}
    record(
        connection,
        actor=person.id,
        action="algorithm:set-policy",
        subject=algorithm,
        details=details,
    )


def owner_row(connection: Connection, person: Person, algorithm: str) -> Mapping[str, Any]:
    """The row of an algorithm that this person may change.

    Raises `UnknownError` where none was published, `ForbiddenError` where it is somebody else's.
    """
    question = select(algorithms).where(algorithms.c.id == algorithm)
    row = connection.execute(question).mappings().first()
    if row is None:
        raise UnknownError("there is no such algorithm to change.", place=algorithm[:80])
    if row["owner"] != person.id and not person.may(Permission.ALGORITHM_MANAGE):
        raise ForbiddenError(
            "this algorithm is somebody else's.",
            place=algorithm,
            rule="its owner, or a steward",
            remedy="Publish under an id of your own.",
        )
    return dict(row)


def _is_there(connection: Connection, person: Person, installed: Installed) -> bool:
    """Whether these very files were published; raises where this person may not publish them."""
    wanted = installed.algorithm
    versions = list_registered(connection, id=wanted.id)
    if versions and not versions[0].package:
        raise ConflictError(
            "an algorithm of that name is installed with this node.",
            place=wanted.id,
            remedy="Publish under an id of your own.",
        )
    if versions:
        owner_row(connection, person, wanted.id)
    for each in versions:
        if each.algorithm.version == wanted.version:
            if each.algorithm.digest == wanted.digest:
                return True
            raise ConflictError(
                "other files were published as this version.",
                place=f"{wanted.id} {wanted.version}",
                rule="a published version never changes",
                remedy="Give the new files a new version.",
            )
    return False


def _refuse_second(connection: Connection, person: Person, installed: Installed) -> None:
    """Somebody may have published it while the files were being sealed."""
    if _is_there(connection, person, installed):
        raise ConflictError("this version was published meanwhile.", place="version")


def _insert(
    connection: Connection,
    person: Person,
    installed: Installed,
    kept: Kept,
    texts: tuple[str, str],
    policy: Policy,
) -> None:
    algorithm, now = installed.algorithm, datetime.now(UTC)
    _check(policy)
    known = select(algorithms.c.id).where(algorithms.c.id == algorithm.id)
    is_new = connection.execute(known).first() is None
    if is_new:
        connection.execute(
            insert(algorithms).values(
                id=algorithm.id,
                owner=person.id,
                tier=policy.tier.value,
                is_listed=policy.is_listed,
                terms=policy.terms,
                created=now,
            )
        )
    connection.execute(
        insert(algorithm_versions).values(
            algorithm=algorithm.id,
            version=algorithm.version,
            digest=algorithm.digest,
            code=algorithm.code,
            manifest=texts[0],
            card=texts[1],
            package=kept.key,
            size=kept.size,
            published=now,
            published_by=person.id,
            withdrawn_by="",
            withdrawn_reason="",
        )
    )
    bump(connection)
    record(
        connection,
        actor=person.id,
        action="algorithm:publish",
        subject=algorithm.id,
        details={
            "version": algorithm.version,
            "digest": algorithm.digest,
            "licence": algorithm.licence,
            "weights": [each.sha256 for each in algorithm.weights],
            **({"tier": policy.tier.value, "is_listed": policy.is_listed} if is_new else {}),
        },
    )


def _texts(installed: Installed, folder: Path) -> tuple[str, str]:
    """The manifest and the model card."""
    manifest = (folder / MANIFEST_NAME).read_text(encoding="utf-8")
    return manifest, card_text(installed)


def _check(policy: Policy) -> None:
    if policy.tier not in TIERS:
        raise InputError(
            "an algorithm has no such tier.", place="tier", rule=", ".join(map(str, TIERS))
        )
