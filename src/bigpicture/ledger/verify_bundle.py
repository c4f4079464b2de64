"""Verify a bundle: its entries against its checkpoints, and those against what one trusts."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from bigpicture.ledger.bundle import FORMAT
from bigpicture.ledger.checkpoint import Checkpoint, open_checkpoint
from bigpicture.ledger.entry import Part
from bigpicture.ledger.note import VerifierKey
from bigpicture.ledger.openings import Opening, check_openings
from bigpicture.ledger.proof import verify_inclusion
from bigpicture.ledger.tampering import Kind, Verdict
from bigpicture.model.canonical import canonical_json
from bigpicture.model.errors import InputError, IntegrityError
from bigpicture.model.merkle import GrowingRoot, leaf_hash

_LONGEST_LINE = 4 << 20
_HEX = re.compile(r"[0-9a-f]{64}")


def verify_bundle(
    path: Path,
    *,
    keys: Sequence[VerifierKey],
    trusted: Iterable[Checkpoint] = (),
    begin: Callable[[int], None] = lambda _: None,
    tick: Callable[[int], None] = lambda _: None,
) -> Verdict:
    """Verify a file that `write_bundle` wrote; needs nothing else.

    Raises `InputError` where it is no bundle, or does not reach back to a trusted checkpoint.
    """
    verdict = Verdict()
    kept = {each.size: each for each in trusted}
    verdict.trusted = len(kept)
    try:
        with path.open("rb") as file:
            lines = _lines(file)
            first = next(lines, None)
            match first:
                case {
                    "format": str(told),
                    "kind": "range",
                    "first": int(start),
                    "size": int(size),
                    "peaks": list(peaks),
                } if told == FORMAT:
                    begin(max(size - start, 0))
                    growing = _growing(start, cast("list[object]", peaks))
                    _Range(tuple(keys), kept, verdict, growing).verify(lines, size, tick)
                case {"format": str(told), "kind": "events", "checkpoint": str(note)} if (
                    told == FORMAT
                ):
                    _verify_events(note, lines, tuple(keys), kept, verdict)
                case _:
                    raise _no_bundle("the first line does not say so.")
    except OSError as error:
        raise InputError(
            f"the bundle cannot be read ({error.strerror}).", place=str(path)
        ) from error
    return verdict


@dataclass(slots=True)
class _Range:
    keys: tuple[VerifierKey, ...]
    kept: dict[int, Checkpoint]
    verdict: Verdict
    growing: GrowingRoot
    last_seq: int = 0
    last_good: int = field(default=0, init=False)
    signed: int = field(default=-1, init=False)

    def verify(
        self, lines: Iterator[dict[str, Any]], size: int, tick: Callable[[int], None]
    ) -> None:
        first = self.last_good = self.growing.size
        for earlier in self.kept:
            if earlier < first:
                raise InputError(
                    f"this bundle begins at entry {first}, after the trusted checkpoint of "
                    f"{earlier} entries.",
                    remedy="Ask for one with `bigpicture ledger export --since CHECKPOINT`.",
                )
        self._compare_kept()
        for line in lines:
            match line:
                case {"leaf": dict(leaf)}:
                    self._add(cast("dict[str, object]", leaf), line.get("openings"))
                    tick(1)
                case {"checkpoint": str(note)}:
                    self._verify_checkpoint(note)
                case _:
                    raise _no_bundle("a line is neither entry nor checkpoint.")
        end, verdict = self.growing.size, self.verdict
        if self.signed != end or end != size:
            verdict.add(Kind.DELETED, "the end of the bundle is gone.", f"after entry {end - 1}")
        for later in self.kept:
            if later > end:
                what = f"the trusted checkpoint tells {later} entries, the bundle holds {end}."
                verdict.add(Kind.ROLLED_BACK, what, f"checkpoint of {later} entries")
        verdict.entries, verdict.root = end - first, self.growing.root().hex()

    def _add(self, leaf: dict[str, object], openings: object) -> None:
        place = f"entry {self.growing.size}"
        self.growing.add(leaf_hash(_leaf_bytes(leaf, place)))
        seq = leaf.get("seq")
        if not isinstance(seq, int) or seq <= self.last_seq:
            self.verdict.add(Kind.REORDERED, "it stands after a later event.", place)
        else:
            self.last_seq = seq
        _verify_openings(leaf, openings, self.verdict, place)
        self._compare_kept()

    def _compare_kept(self) -> None:
        size = self.growing.size
        if size in self.kept and self.kept[size].root != self.growing.root():
            what = "the trusted checkpoint has another root: the two are not consistent."
            self.verdict.add(Kind.REWRITTEN, what, f"entries 0 to {size - 1}")

    def _verify_checkpoint(self, note: str) -> None:
        size, verdict = self.growing.size, self.verdict
        place = f"checkpoint after entry {size - 1}"
        verdict.checkpoints += 1
        self.signed = size
        try:
            told = open_checkpoint(note, self.keys)
        except IntegrityError as error:
            verdict.add(Kind.FORGED, error.what, place)
            return
        verdict.origin = told.origin
        if (told.size, told.root) == (size, self.growing.root()):
            self.last_good = size
        elif Kind.REWRITTEN not in verdict.counts:  # those after it say the same
            verdict.add(
                Kind.REWRITTEN,
                "the entries do not make the root that was signed: one was altered, added, taken "
                "out or moved.",
                f"entries {self.last_good} to {size - 1}",
            )


def _verify_events(
    note: str,
    lines: Iterator[dict[str, Any]],
    keys: tuple[VerifierKey, ...],
    kept: dict[int, Checkpoint],
    verdict: Verdict,
) -> None:
    try:
        head = open_checkpoint(note, keys)
    except IntegrityError as error:
        verdict.add(Kind.FORGED, error.what, "checkpoint")
        return
    verdict.checkpoints, verdict.origin, verdict.root = 1, head.origin, head.root.hex()
    for size, each in kept.items():
        if size != head.size:
            raise InputError(
                f"a bundle of single events proves nothing about your checkpoint of {size} "
                f"entries; its own is of {head.size}.",
                remedy="Ask for one with `bigpicture ledger export --since CHECKPOINT`.",
            )
        if each.root != head.root:
            verdict.add(
                Kind.REWRITTEN, "the trusted checkpoint has another root.", f"{size} entries"
            )
    for line in lines:
        match line:
            case {"index": int(index), "leaf": dict(told), "proof": list(proof)}:
                leaf = cast("dict[str, object]", told)
            case _:
                raise _no_bundle("a line is no proven entry.")
        place = f"entry {index}"
        try:
            verify_inclusion(
                leaf_hash(_leaf_bytes(leaf, place)),
                index=index,
                size=head.size,
                root=head.root,
                proof=from_texts(cast("list[object]", proof)),
            )
        except IntegrityError as error:
            verdict.add(Kind.ALTERED, error.what, place)
        _verify_openings(leaf, line.get("openings"), verdict, place)
        verdict.entries += 1


def _verify_openings(
    leaf: dict[str, object], openings: object, verdict: Verdict, place: str
) -> None:
    if openings is None:
        return
    read: dict[Part, Opening] = {}
    digests: dict[Part, bytes] = {}
    for part in Part:
        digest = leaf.get(part)
        match openings:
            case {part.value: {"salt": None | str() as salt, "value": value}} if (
                isinstance(digest, str)
                and _HEX.fullmatch(digest)
                and (salt is None or _HEX.fullmatch(salt))
            ):
                read[part] = Opening(None if salt is None else bytes.fromhex(salt), value)
                digests[part] = bytes.fromhex(digest)
            case _:
                verdict.add(Kind.UNOPENED, f"its {part} cannot be opened.", place)
    verdict.erased += sum(1 for _ in check_openings(read, digests, verdict, place))


def from_texts(texts: Sequence[object]) -> list[bytes]:
    """Hashes out of base64; raises `IntegrityError`."""
    try:
        return [base64.b64decode(str(each), validate=True) for each in texts]
    except binascii.Error as error:
        raise IntegrityError("a hash in a proof is not in base64.") from error


def _growing(start: int, peaks: list[object]) -> GrowingRoot:
    try:
        return GrowingRoot(start, from_texts(peaks))
    except (ValueError, IntegrityError) as error:
        raise _no_bundle("its peaks are not those of a tree.") from error


def _leaf_bytes(leaf: dict[str, object], place: str) -> bytes:
    try:
        return canonical_json(leaf)
    except ValueError as error:
        raise _no_bundle(f"{place} is no leaf: {error}.") from error


def _lines(file: BinaryIO) -> Iterator[dict[str, Any]]:
    while line := file.readline(_LONGEST_LINE):
        try:
            read = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _no_bundle("a line is no JSON, or cut.") from error
        if not isinstance(read, dict):
            raise _no_bundle("a line is no JSON object.")
        yield cast("dict[str, Any]", read)


def _no_bundle(why: str) -> InputError:
    return InputError(
        f"this is no whole bundle of a record: {why}",
        remedy="Ask for it again: `bigpicture ledger export FILE` writes one.",
    )
