"""Initialise: make a node's folder, its keys, its tables and its first steward."""

from __future__ import annotations

from sqlalchemy import select

from bigpicture.access.password import hash_password
from bigpicture.access.people import add_hashed_person, list_people
from bigpicture.app.keyring import make_keyring
from bigpicture.model.errors import SettingsError
from bigpicture.model.person import Person, Role
from bigpicture.settings import Settings
from bigpicture.storage.records.engine import Records, open_records
from bigpicture.storage.records.migrate import migrate
from bigpicture.storage.records.tables import objects


def initialise(
    settings: Settings, *, steward: str, password: str, display_name: str = ""
) -> Person | None:
    """Set a node up; what is there already stays.

    Returns the steward that was made, or None where the node had people already.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    records = open_records(settings.records_url)
    try:
        migrate(records)
        if not settings.keys.exists():
            _check_nothing_sealed(records, settings)
            make_keyring(settings.keys)
        hashed = hash_password(password, words=(steward, display_name, settings.node_name))
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


def _check_nothing_sealed(records: Records, settings: Settings) -> None:
    """New keys open nothing that was sealed for lost ones; the loss must not look mended."""
    with records.read() as connection:
        if connection.scalar(select(objects.c.key).limit(1)) is not None:
            raise SettingsError(
                "this node keeps sealed objects, but its keys are gone.",
                place=str(settings.keys),
                remedy="Put the keys back from their backup.",
            )
