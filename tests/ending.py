"""The ways in which access ends while an answer goes out."""

from __future__ import annotations

from bigpicture.access.grant import hold_grant, revoke_grant
from bigpicture.access.seal import lay_seal
from bigpicture.access.seal_files import SealFiles
from bigpicture.model.grant import Hold
from bigpicture.model.seal import SealScope

WAYS = ("revoked", "held", "grant sealed", "dataset sealed", "person sealed", "node sealed")


def end_access(way, stores, given):
    """End what a grant opens; seals are laid as by another process, which tells nobody."""
    told = {"reason": "over", "by": "node"}
    if way == "revoked":
        with stores.records.write() as connection:
            revoke_grant(connection, given.id, **told)
    elif way == "held":
        with stores.records.write() as connection:
            hold_grant(connection, given.id, Hold.STEWARD, **told)
    else:
        scope = SealScope(way.split()[0])
        of = {
            SealScope.GRANT: given.id,
            SealScope.DATASET: given.dataset,
            SealScope.PERSON: given.person,
            SealScope.NODE: "",
        }[scope]
        lay_seal(SealFiles(stores.settings.seals_folder), scope=scope, of=of, **told)
