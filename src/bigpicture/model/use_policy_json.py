"""A use policy as the records hold it: read back, also from rows that an older release wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from bigpicture.model.data_use import DataUseTerm
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.use_policy import INDIRECT, AccessRoute, UsePolicy, may_be_open

USE = "use"
"""Where a row's policy keeps it."""

NARROWED = "The policy says open, which pseudonymised clinical data cannot be; read as controlled."


def use_policy_of(row: Mapping[str, object]) -> UsePolicy:
    """Return the use policy of a row of `datasets`.

    Rows of an older release hold the fields of the standard without a difference between *none*
    and *not said*: what is empty there is not said.
    """
    held = _mapping(row.get("policy"))
    said = held.get(USE)
    if isinstance(said, Mapping):
        return from_json(_mapping(said))
    return _older(row, held)


def from_json(said: Mapping[str, object]) -> UsePolicy:
    """Read what `UsePolicy.as_json` wrote; raises `InputError` where it contradicts itself."""
    route = _text(said, "route")
    return UsePolicy(
        dataset_type=DatasetType(str(said["dataset_type"])),
        tier=AccessTier(str(said["tier"])),
        version=_text(said, "version") or "",
        type_of_access=_text(said, "type_of_access"),
        allowed_uses=_texts(said, "allowed_uses"),
        geography=_text(said, "geography"),
        duration=_text(said, "duration"),
        research_question_required=_truth(said, "research_question_required"),
        consent_restrictions=_text(said, "consent_restrictions"),
        custom_restrictions=_text(said, "custom_restrictions"),
        acknowledgements=_texts(said, "acknowledgements"),
        citation=_text(said, "citation"),
        terms=tuple(
            DataUseTerm(str(each["code"]), _texts(each, "values") or ())
            for each in map(_mapping, _list(said, "terms"))
        ),
        retention_until=_text(said, "retention_until"),
        legal_basis=_text(said, "legal_basis"),
        controllers=_texts(said, "controllers"),
        processors=_texts(said, "processors"),
        route=AccessRoute(route) if route else None,
        permit_number=_text(said, "permit_number"),
        unread=_texts(said, "unread") or (),
    )


def _older(row: Mapping[str, object], held: Mapping[str, object]) -> UsePolicy:
    dataset_type = DatasetType.read(str(row["dataset_type"]))
    tier = AccessTier(str(row["tier"]))
    unread = list(_texts(held, "restrictions") or ())
    if tier is AccessTier.OPEN and not may_be_open(dataset_type):
        tier = AccessTier.CONTROLLED
        unread.append(NARROWED)
    if held.get("type_of_access") == INDIRECT:
        tier = AccessTier.COMPUTE_ONLY
    acknowledgement = _text(held, "acknowledgement")
    return UsePolicy(
        dataset_type=dataset_type,
        tier=tier,
        type_of_access=_text(held, "type_of_access") or None,
        allowed_uses=_texts(held, "allowed_uses") or None,
        geography=_text(held, "geography") or None,
        duration=_text(held, "duration") or None,
        research_question_required=_truth(held, "research_question_required") or None,
        acknowledgements=(acknowledgement,) if acknowledgement else None,
        citation=_text(held, "citation") or None,
        unread=tuple(unread),
    )


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _list(said: Mapping[str, object], name: str) -> list[object]:
    value = said.get(name)
    return cast("list[object]", value) if isinstance(value, list) else []


def _text(said: Mapping[str, object], name: str) -> str | None:
    value = said.get(name)
    return value if isinstance(value, str) else None


def _texts(said: Mapping[str, object], name: str) -> tuple[str, ...] | None:
    value = said.get(name)
    return tuple(map(str, cast("list[object]", value))) if isinstance(value, list) else None


def _truth(said: Mapping[str, object], name: str) -> bool | None:
    value = said.get(name)
    return value if isinstance(value, bool) else None
