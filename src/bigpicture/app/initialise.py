"""Initialise: make a node's folder, its keys, its tables and its first steward."""

from __future__ import annotations

from bigpicture.access.password import hash_password
from bigpicture.access.people import add_hashed_person, list_people
from bigpicture.app.keyring import make_keyring
from bigpicture.model.person import Person, Role
from bigpicture.settings import Settings
from bigpicture.storage.records.engine import open_records
from bigpicture.storage.records.migrate import migrate


def initialise(
    settings: Settings, *, steward: str, password: str, display_name: str = ""
) -> Person | None:
    """Set a node up; what is there already stays.

    Returns the steward that was made, or None where the node had people already.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.keys.exists():
        make_keyring(settings.keys)
    records = open_records(settings.records_url)
    try:
        migrate(records)
        hashed = hash_password(password)
        with records.write() as connection:
            if list_people(connection, limit=1):
                return None
            return add_hashed_person(
                connection,
                name=steward,
                display_name=display_name or steward,
                organisation=settings.node_name,
                roles={Role.STEWARD},
                password_hash=hashed,
                by="node",
            )
    finally:
        records.close()
