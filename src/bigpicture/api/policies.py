"""Policies: what a dataset may be used for, and whether a purpose fits; advice, open to all."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter

from bigpicture.access.data_use.duties import duties, last_day
from bigpicture.access.data_use.match import match
from bigpicture.access.data_use.words import tell
from bigpicture.api.asking import Anyone, NodeAsked
from bigpicture.api.opening import known_dataset
from bigpicture.api.policy_shapes import CodeTold, MatchTold, PolicyTold, PurposeGiven, PurposesTold
from bigpicture.model import data_use as duo
from bigpicture.model.purpose import PROHIBITED, SENSITIVE, USES, OrganisationType
from bigpicture.model.use_policy_json import use_policy_of

router = APIRouter(prefix="/api/v1", tags=["policies"])


@router.get("/datasets/{accession}/policy")
def policy(node: NodeAsked, person: Anyone, accession: str) -> PolicyTold:
    """Tell what a dataset may be used for: as data, with its hash, and in plain sentences."""
    facts = known_dataset(node, person, accession)
    said = use_policy_of(facts.row)
    return PolicyTold.of(
        said, tell(said), dataset=facts.accession, version=str(facts.row["version"])
    )


@router.post("/datasets/{accession}/policy/match")
def match_policy(node: NodeAsked, person: Anyone, accession: str, given: PurposeGiven) -> MatchTold:
    """Say what a policy answers to a purpose, clause by clause. It advises; people decide."""
    said = use_policy_of(known_dataset(node, person, accession).row)
    purpose = given.purpose(user=person.name if person else None)
    today = datetime.now(UTC).date()
    ends = last_day(said, start=today, months=given.months)
    return MatchTold.of(
        match(said, purpose, node.terminologies),
        duties(said, start=today, end=ends),
        ends=ends,
    )


@router.get("/purposes")
def purposes() -> PurposesTold:
    """Name the codes of a purpose, as a form shows them."""
    return PurposesTold(
        uses=[CodeTold.of(code, worded) for code, worded in USES.items()],
        sensitive=[CodeTold.of(code, worded) for code, worded in SENSITIVE.items()],
        prohibited=[CodeTold.of(code, worded) for code, worded in PROHIBITED.items()],
        organisation_types=list(OrganisationType),
        duo=duo.RELEASE,
    )
