"""Tampering: what a verification found wrong with the record, and where."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum

MOST_TOLD = 100
"""Finds of one kind that are told one by one; the rest are counted."""


class Kind(StrEnum):
    ALTERED = "altered"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    UNOPENED = "unopened"
    ERASED = "erased"
    TILE = "tile"
    FORGED = "forged"
    REWRITTEN = "rewritten"
    ROLLED_BACK = "rolled-back"


_RULES = {
    Kind.ALTERED: "the leaf of an event is the one in the tree",
    Kind.DELETED: "an event that was recorded stays",
    Kind.INSERTED: "no number is filled later",
    Kind.REORDERED: "the order of events does not change",
    Kind.UNOPENED: "a value opens the commitment in its leaf",
    Kind.ERASED: "an erasure is an event itself",
    Kind.TILE: "every tile follows from those below it",
    Kind.FORGED: "a checkpoint is signed by the node's key",
    Kind.REWRITTEN: "the tree is what was signed",
    Kind.ROLLED_BACK: "a later record holds all of an earlier one",
}
_KEEP = (
    "Keep a copy of the records as they are, compare with a backup, and tell the node's auditor."
)
_REMEDIES = {
    Kind.ERASED: "Ask who may erase what was erased, and on what ground.",
    Kind.TILE: "Proofs from it fail. Where nothing else is wrong, put it back from a backup.",
    Kind.FORGED: "Ask for the node's key by another way; where it is the right one, keep this "
    "checkpoint: somebody made it up.",
    Kind.ROLLED_BACK: "Newer records existed: ask where they are. A backup that was put back must "
    "be told to everybody who holds a checkpoint.",
}


@dataclass(frozen=True, slots=True)
class Find:
    """One thing that is wrong: `what` and `place` name no person and repeat no value."""

    kind: Kind
    what: str
    place: str

    @property
    def rule(self) -> str:
        return _RULES[self.kind]

    @property
    def remedy(self) -> str:
        return _REMEDIES.get(self.kind, _KEEP)

    def as_json(self) -> dict[str, str]:
        return {
            "kind": str(self.kind),
            "what": self.what,
            "place": self.place,
            "rule": self.rule,
            "remedy": self.remedy,
        }


@dataclass(slots=True)
class Verdict:
    """What was verified, and what was found: `counts` of all, `finds` the first of each kind.

    `trusted` is how many checkpoints of the asker's own were compared, `waiting` how many events
    are not in the tree yet, which no tree protects.
    """

    entries: int = 0
    checkpoints: int = 0
    trusted: int = 0
    erased: int = 0
    waiting: int = 0
    origin: str = ""
    root: str = ""
    counts: dict[Kind, int] = field(default_factory=dict[Kind, int])
    finds: list[Find] = field(default_factory=list[Find])

    @property
    def is_whole(self) -> bool:
        return not self.counts

    def add(self, kind: Kind, what: str, place: str) -> None:
        """Note a find."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] <= MOST_TOLD:
            self.finds.append(Find(kind, what, place))

    def as_json(self) -> dict[str, object]:
        told = asdict(self)
        told["is_whole"] = self.is_whole
        told["counts"] = {str(kind): count for kind, count in self.counts.items()}
        told["finds"] = [each.as_json() for each in self.finds]
        return told
