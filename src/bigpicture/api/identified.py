"""Identified: what only a node that takes identified data may be given."""

from __future__ import annotations

from bigpicture.model.errors import ForbiddenError
from bigpicture.settings import Intake


def take_identified(intake: Intake) -> None:
    """Raise `ForbiddenError` on a node that takes only what was de-identified."""
    if intake is not Intake.IDENTIFIED:
        raise ForbiddenError(
            "this node takes no identified data: tables with your own numbers stay with you.",
            rule="intake = deidentified",
            remedy="Read and keep them in the browser, or use `bigpicture prepare` at the site.",
        )
