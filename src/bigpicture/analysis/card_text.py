"""The text of a model card: made of the manifest and of what was measured, then its author's."""

from __future__ import annotations

from pathlib import Path

from bigpicture.analysis import builtin
from bigpicture.analysis.card import make_card
from bigpicture.analysis.card_shown import card_markdown
from bigpicture.analysis.evidence_file import read_evidence
from bigpicture.analysis.installed import Installed
from bigpicture.model.errors import InputError
from bigpicture.model.evidence import Measured

_LONGEST = 1 << 20


def card_text(installed: Installed) -> str:
    """The card of an algorithm in a folder, or of one that is shipped, as Markdown.

    Every question is asked, also where there is no evidence. What its author wrote follows under a
    heading of its own. Raises `InputError` where a file that the manifest names cannot be read.
    """
    algorithm, folder = installed.algorithm, installed.folder or builtin.EVIDENCE
    measured = read_evidence(folder / algorithm.evidence) if algorithm.evidence else Measured()
    made = card_markdown(make_card(algorithm, measured))
    if not algorithm.card:
        return made
    return f"{made}\n## In its author's words\n\n{_written(folder, algorithm.card)}"


def _written(folder: Path, card: str) -> str:
    place = folder / card
    if not place.is_file():
        raise InputError(
            "there is no such model card.", place=card, remedy="Write it, or name none."
        )
    if place.stat().st_size > _LONGEST:
        raise InputError("this model card is too long.", place=card, rule="1 MiB")
    try:
        return place.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError("this model card is no UTF-8 text.", place=card) from error
