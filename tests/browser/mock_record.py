"""The record of the mock: searched as the real one is, proven by the ledger's own rules."""

from __future__ import annotations

import base64
from datetime import datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bigpicture.ledger.checkpoint import Checkpoint
from bigpicture.ledger.entry import PARTS, Leaf, commit, make_salts, write_time
from bigpicture.ledger.note import Signer
from bigpicture.model.merkle import leaf_hash, node_hash
from browser import mock_catalogue as catalogue

Record = dict[str, Any]
ROUTES = [
    ("GET", "/api/v1/events", "get_recorded"),
    ("GET", "/api/v1/ledger/proof", "get_proof"),
]


@cache
def signer() -> Signer:
    return Signer("node.example/ledger", Ed25519PrivateKey.generate())


def split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, over leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return node_hash(root_of(leaves[:half]), root_of(leaves[half:]))


def audit_path(leaves: list[bytes], index: int) -> list[bytes]:
    """RFC 6962, 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return [*audit_path(leaves[:half], index), root_of(leaves[half:])]
    return [*audit_path(leaves[half:], index - half), root_of(leaves[:half])]


class Recorded:
    """Search and proof over `world.events`; the tree is of what they were when first proven."""

    world: Any
    query: dict[str, str]
    json: Any
    page: Any
    problem: Any

    def get_recorded(self) -> None:
        assert self.query["first"] == "newest"
        names = {one["id"]: one["display_name"] for one in catalogue.PEOPLE}
        found = [one for one in self.world.events[::-1] if self._is_sought(one, names)]
        self.page(found, names=names)

    def _is_sought(self, event: Record, names: dict[str, str]) -> bool:
        asked, time = self.query, datetime.fromisoformat(event["time"])
        who, action = asked.get("who", ""), asked.get("action", "")
        thing = asked.get("thing", "")
        is_about = event["subject"] == thing or (
            asked.get("mentioned") == "true" and thing in event["details"].values()
        )
        return (
            (not who or who in (event["actor"], names.get(event["actor"])))
            and (event["action"].startswith(action) if action[-1:] == ":" else True)
            and (not action or action[-1] == ":" or event["action"] == action)
            and (not thing or is_about)
            and ("since" not in asked or time >= datetime.fromisoformat(asked["since"]))
            and ("until" not in asked or time < datetime.fromisoformat(asked["until"]))
        )

    def get_proof(self) -> None:
        seq = int(self.query["event"])
        if seq == self.world.waiting:
            return self.problem(
                409, "This event is not in the tree yet.", remedy="Ask again in some seconds."
            )
        entries, index = self._tree(), seq - 1
        leaves = [leaf_hash(leaf.to_bytes()) for leaf, _ in entries]
        leaf, salts = entries[index]
        root, path = root_of(leaves), audit_path(leaves, index)
        if self.world.forged:
            path[2] = bytes(32)
        openings = {
            part: {"salt": salt.hex(), "value": self.world.events[index][part]}
            for part, salt in zip(PARTS, salts, strict=True)
        }
        for part in self.world.erased:
            openings[part]["salt"] = None
        return self.json(
            {
                "event": seq,
                "index": index,
                "size": len(leaves),
                "leaf": leaf.told(),
                "leaf_hash": base64.b64encode(leaves[index]).decode(),
                "proof": [base64.b64encode(each).decode() for each in path],
                "checkpoint": Checkpoint(signer().name, len(leaves), root).sign(signer()),
                "openings": openings,
            }
        )

    def _tree(self) -> list[tuple[Leaf, list[bytes]]]:
        if not self.world.entries:
            for event in self.world.events:
                salts = list(make_salts(len(PARTS)))
                digests = {
                    part: commit(salt, event[part]) for part, salt in zip(PARTS, salts, strict=True)
                }
                time = write_time(datetime.fromisoformat(event["time"]))
                leaf = Leaf(event["seq"], f"{event['seq']:020x}", time, event["action"], digests)
                self.world.entries.append((leaf, salts))
        return self.world.entries
