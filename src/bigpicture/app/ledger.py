"""The record of this node: who signs it, under which name, and where its checkpoint is kept."""

from __future__ import annotations

from hashlib import sha256

from bigpicture.app.keyring import load_keyring
from bigpicture.ledger.begin import past_origins
from bigpicture.ledger.kept import KeptCheckpoint
from bigpicture.ledger.note import Signer, VerifierKey
from bigpicture.ledger.sequence import Sequencer
from bigpicture.ledger.tree import find_head
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
    """The node's own public key, under each name that its log has had."""
    newest = signer_of(settings, records).verifier
    with records.read() as connection:
        names = {newest.name, *past_origins(connection)}
    return [VerifierKey(name, newest.public) for name in sorted(names)]


def _first_origin(settings: Settings, public: bytes) -> str:
    address = settings.public_url.partition("://")[2].strip("/")
    host = address or f"node-{sha256(public).hexdigest()[:12]}.invalid"
    return f"{host}/ledger"
