"""The record of this node: who signs it, under which name, and where its checkpoint is kept."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256

from bigpicture.app.keyring import load_keyring
from bigpicture.ledger.begin import past_origins
from bigpicture.ledger.checkpoint import read_checkpoint
from bigpicture.ledger.kept import KeptCheckpoint
from bigpicture.ledger.note import Signer, VerifierKey, is_key_name
from bigpicture.ledger.sequence import Sequencer
from bigpicture.ledger.tree import find_head
from bigpicture.model.errors import IntegrityError
from bigpicture.settings import Settings
from bigpicture.storage.records import Records


def open_sequencer(settings: Settings, records: Records, *, origin: str = "") -> Sequencer:
    """What grows the record's tree: under the name that it has, unless another `origin` is said."""
    signer = signer_of(settings, records, origin=origin)
    return Sequencer(records, signer, kept_checkpoint(settings))


def kept_checkpoint(settings: Settings) -> KeptCheckpoint:
    """The checkpoint that this machine signed last; no backup of the records brings it back."""
    return KeptCheckpoint(settings.data / "ledger" / "checkpoint")


def signer_of(settings: Settings, records: Records, *, origin: str = "") -> Signer:
    """The node's signing key, under the log's name.

    The first checkpoint settles the name: where the node's ledger is reached from outside, else
    one made of the key. An address that changes later changes nothing.
    """
    key = load_keyring(settings.keys).signing
    if not origin:
        with records.read() as connection:
            origin = find_head(connection).read().origin
    return Signer(origin or _first_origin(settings, key.public_key().public_bytes_raw()), key)


def own_keys(settings: Settings, records: Records) -> list[VerifierKey]:
    """The node's own public key, under each name that its log has had.

    Names are taken from what may have been altered; the key is not.
    """
    public = load_keyring(settings.keys).signing.public_key().public_bytes_raw()
    with records.read() as connection:
        names = set(past_origins(connection))
        notes = (find_head(connection).note, kept_checkpoint(settings).read())
    for note in notes:
        with suppress(IntegrityError):
            names.add(read_checkpoint(note).origin)
    usable = filter(is_key_name, names or {_first_origin(settings, public)})
    return [VerifierKey(name, public) for name in sorted(usable)]


def _first_origin(settings: Settings, public: bytes) -> str:
    address = settings.public_url.partition("://")[2].strip("/")
    host = address or f"node-{sha256(public).hexdigest()[:12]}.invalid"
    return f"{host}/ledger"
