"""Read a policy document into the terms that pages and access need."""

from __future__ import annotations

from collections.abc import Sequence

from bigpicture.model.attribute import Attribute, find, find_all
from bigpicture.model.errors import MetadataError
from bigpicture.model.identifiers import Alias
from bigpicture.model.policy import AccessTier, DatasetType, Policy
from bigpicture.model.use_policy import INDIRECT, AccessRoute

TIER = "access_tier"
"""Our own tag: one of `AccessTier`. Absent means controlled, the safer of the two usual ones."""
ROUTE = "access_route"
"""Our own tag: one of `AccessRoute`."""


def read_policy(alias: Alias, stated: Sequence[Attribute]) -> Policy | None:
    """Return the policy; None where the type of dataset or the tier is none of the known."""
    dataset_type = read_dataset_type(stated)
    tier = read_tier(stated)
    if dataset_type is None or tier is None:
        return None
    restrictions = (
        "informed_consent_form_defined_use_restrictions",
        "custom_use_restrictions",
    )
    return Policy(
        alias=alias,
        title=_text(stated, "title"),
        dataset_type=dataset_type,
        tier=tier,
        type_of_access=_text(stated, "type_of_access") or "Direct Access",
        allowed_uses=_members(stated, "allowed_uses"),
        geography=_text(stated, "allowed_geographical_distribution"),
        duration=_text(stated, "duration_of_use"),
        research_question_required=_text(stated, "defined_research_question_required").lower()
        == "true",
        text=_text(stated, "policy_text"),
        acknowledgement=_text(stated, "required_bigpicture_acknowledgment"),
        citation=_text(stated, "required_citation"),
        restrictions=tuple(text for tag in restrictions if (text := _text(stated, tag))),
    )


def read_dataset_type(stated: Sequence[Attribute]) -> DatasetType | None:
    """Return MSMdad 9.1.4, read leniently."""
    try:
        return DatasetType.read(_text(stated, "type_of_dataset"))
    except MetadataError:
        return None


def read_tier(stated: Sequence[Attribute]) -> AccessTier | None:
    """Return the access tier; None where the tag says none of them.

    Indirect access (MSMdad 9.1.5) and a permit of the EHDS are compute-only, whatever it says.
    """
    if _text(stated, "type_of_access").strip() == INDIRECT or (
        _text(stated, ROUTE).strip().lower() == AccessRoute.EHDS_PERMIT
    ):
        return AccessTier.COMPUTE_ONLY
    if find(stated, TIER) is None:
        return AccessTier.CONTROLLED
    said = _text(stated, TIER).lower()
    return AccessTier(said) if said in set(AccessTier) else None


def _text(stated: Sequence[Attribute], tag: str) -> str:
    attribute = find(stated, tag)
    return (attribute.text if attribute else None) or ""


def _members(stated: Sequence[Attribute], tag: str) -> tuple[str, ...]:
    members = [member for each in find_all(stated, tag) for member in each.members]
    return tuple(member.text for member in members if member.text)
