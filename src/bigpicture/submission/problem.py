"""A problem: what the records keep of an error that stopped a file or a submission."""

from __future__ import annotations

from bigpicture.model.errors import BigpictureError


def as_problem(error: BigpictureError) -> dict[str, str]:
    """What the records keep of an error; nothing identifying, by the error's own contract."""
    return {
        "what": error.what,
        "place": error.place,
        "rule": error.rule,
        "remedy": error.remedy,
    }
