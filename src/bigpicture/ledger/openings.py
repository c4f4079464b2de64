"""Openings: whether the values in a row are what its leaf committed to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hmac import compare_digest

from bigpicture.ledger.entry import ERASED, Part, commit
from bigpicture.ledger.tampering import Kind, Verdict


@dataclass(frozen=True, slots=True)
class Opening:
    """A value and the salt it was committed with; None where both were erased."""

    salt: bytes | None
    value: object


def check_openings(
    openings: Mapping[Part, Opening], digests: Mapping[Part, bytes], verdict: Verdict, place: str
) -> Iterator[Part]:
    """Note what does not open; gives the parts that were erased."""
    for part, opening in openings.items():
        if opening.salt is not None:
            if not compare_digest(commit(opening.salt, opening.value), digests[part]):
                verdict.add(Kind.UNOPENED, f"its {part} is not what was recorded.", place)
        elif opening.value != ERASED[part]:
            verdict.add(Kind.UNOPENED, f"its {part} can no longer be proven: no salt.", place)
        else:
            yield part
