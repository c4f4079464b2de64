"""A refusal: everything that kept a submission from going on, told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bigpicture.model.errors import (
    BigpictureError,
    InputError,
    IntegrityError,
    LimitError,
    SandboxError,
)
from bigpicture.submission.files import SubmittedFile

REFUSES = (InputError, IntegrityError, LimitError, SandboxError)
"""Errors that the contributor can mend; all others are the node's own."""


class Refusal(Exception):  # noqa: N818 - an outcome, not a fault
    """`error` sums up; `findings` tell each; `files` are the ids of the files concerned."""

    def __init__(
        self,
        error: BigpictureError,
        findings: Sequence[Mapping[str, object]] = (),
        files: Mapping[str, BigpictureError] | None = None,
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.findings = findings
        self.files = files or {}

    @classmethod
    def of_files(cls, problems: Sequence[tuple[SubmittedFile, BigpictureError]]) -> Refusal:
        """One refusal for the problems of several files."""
        first = problems[0][1]
        several = f" ({len(problems)} files have problems; this is the first)"
        summary = type(first)(
            first.what + (several if len(problems) > 1 else ""),
            place=first.place,
            rule=first.rule,
            remedy=first.remedy,
        )
        return cls(
            summary,
            [
                {
                    "rule": error.rule,
                    "severity": "error",
                    "place": error.place,
                    "what": error.what,
                    "remedy": error.remedy,
                }
                for _, error in problems
            ],
            {file.id: error for file, error in problems},
        )
