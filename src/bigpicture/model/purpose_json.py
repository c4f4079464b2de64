"""A coded purpose from JSON, as forms hold it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from bigpicture.model.purpose import (
    CodedPurpose,
    OrganisationType,
    Prohibited,
    Recipient,
    Sensitive,
    Use,
)


def purpose_from_json(said: Mapping[str, object]) -> CodedPurpose:
    """Read a purpose; raises `ValueError` for a code that is none. What is left out is not said."""
    recipients = said.get("recipients")
    kind = said.get("organisation_type")
    sensitive, prohibited = said.get("sensitive"), said.get("prohibited")
    months = said.get("months")
    return CodedPurpose(
        uses=frozenset(map(Use, _texts(said.get("uses")))),
        diseases=frozenset(_texts(said.get("diseases"))),
        is_commercial=_truth(said.get("is_commercial")),
        country=_text(said.get("country")),
        organisation_type=OrganisationType(str(kind)) if kind else None,
        organisation=_text(said.get("organisation")),
        project=_text(said.get("project")),
        months=months if isinstance(months, int) else None,
        research_question=_text(said.get("research_question")),
        has_approval=_truth(said.get("has_approval")),
        recipients=None if recipients is None else tuple(map(_recipient, _list(recipients))),
        sensitive=None if sensitive is None else frozenset(map(Sensitive, _texts(sensitive))),
        prohibited=None if prohibited is None else frozenset(map(Prohibited, _texts(prohibited))),
    )


def _recipient(said: object) -> Recipient:
    held = cast("Mapping[str, object]", said)
    return Recipient(_text(held.get("organisation")) or "", _text(held.get("country")) or "")


def _list(said: object) -> list[object]:
    return cast("list[object]", said) if isinstance(said, list) else []


def _texts(said: object) -> list[str]:
    return [str(each) for each in _list(said)]


def _text(said: object) -> str | None:
    return said if isinstance(said, str) else None


def _truth(said: object) -> bool | None:
    return said if isinstance(said, bool) else None
