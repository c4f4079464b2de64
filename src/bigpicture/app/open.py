"""Open a node: keys, records, objects and the vault over both, from its settings."""

from __future__ import annotations

from bigpicture.app.keyring import load_keyring
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.settings import Settings
from bigpicture.storage.objects import Objects
from bigpicture.storage.records.engine import open_records
from bigpicture.storage.records.migrate import check_migrated
from bigpicture.submission.stores import Stores
from bigpicture.submission.terms import terms_of
from bigpicture.vault.key_store import KeyStore
from bigpicture.vault.vault import Vault


def open_stores_here() -> Stores:
    """Open them from the environment: what a cluster's worker does, once in its process."""
    return open_stores(Settings.load())


def open_stores(settings: Settings) -> Stores:
    """Open what a process of the node works with; raises `SettingsError` where it is not set up."""
    terms_of(settings)  # a file that cannot be read is told now, not at the first submission
    keyring = load_keyring(settings.keys)
    records = open_records(settings.records_url)
    check_migrated(records)
    objects = Objects(settings.objects_url, endpoint=settings.object_store_endpoint)
    apart = Objects(settings.key_store_url, endpoint=settings.key_store_endpoint)
    return Stores(
        settings=settings,
        records=records,
        vault=Vault(
            records,
            objects,
            keyring.sealing,
            KeyStore(apart, keyring.sealing),
            memory_bytes=settings.segment_cache_bytes,
        ),
        pseudonyms=Pseudonyms(keyring.hmac),
    )
