"""What doors of algorithms take, and how they show an algorithm; nothing without its warning."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, Field

from bigpicture.access.decide import Decision
from bigpicture.analysis.publish import Policy
from bigpicture.analysis.registry import Registered
from bigpicture.api.grant_shapes import Reason
from bigpicture.api.person_shown import PersonRef
from bigpicture.model.algorithm import RESEARCH_ONLY, Algorithm, Output
from bigpicture.model.algorithm_grant import AlgorithmGrant, AlgorithmUse
from bigpicture.model.person import Person
from bigpicture.model.policy import AccessTier

Tier = Annotated[AccessTier, Field(description="open, registered or controlled")]
Terms = Annotated[str, Field(max_length=20_000)]


class PolicyWanted(BaseModel):
    tier: Tier = AccessTier.CONTROLLED
    is_listed: bool = False
    terms: Terms = ""

    def policy(self) -> Policy:
        return Policy(self.tier, self.is_listed, self.terms)


class AlgorithmGrantWanted(BaseModel):
    person: Annotated[str, Field(description="the person's id", max_length=40)]
    uses: Annotated[list[AlgorithmUse], Field(min_length=1, max_length=2)] = [AlgorithmUse.RUN]
    start: AwareDatetime | None = None
    end: AwareDatetime
    reason: Reason


class AlgorithmGrantShown(BaseModel):
    id: str
    algorithm: str
    person: str
    person_shown: PersonRef
    uses: list[AlgorithmUse]
    start: datetime
    end: datetime
    revoked: datetime | None
    reason: str
    is_live: bool

    @classmethod
    def of(cls, grant: AlgorithmGrant, now: datetime, person: Person | None) -> Self:
        return cls(
            id=grant.id,
            algorithm=grant.algorithm,
            person=grant.person,
            person_shown=PersonRef.of(person, otherwise=grant.person),
            uses=sorted(grant.uses),
            start=grant.start,
            end=grant.end,
            revoked=grant.revoked,
            reason=grant.reason,
            is_live=grant.is_live(now),
        )


class AlgorithmGrants(BaseModel):
    items: list[AlgorithmGrantShown]


class OutputShown(BaseModel):
    name: str
    kind: str
    unit: str
    mpp: float | None
    range: tuple[float, float] | None
    classes: list[str]

    @classmethod
    def of(cls, output: Output) -> Self:
        return cls(
            name=output.name,
            kind=output.kind,
            unit=output.unit,
            mpp=output.mpp,
            range=output.range,
            classes=list(output.classes),
        )


class NeedShown(BaseModel):
    name: str
    algorithm: str
    version: str


class WeightsShown(BaseModel):
    path: str
    sha256: str


class DecisionShown(BaseModel):
    allowed: bool
    reason: str | None
    text: str

    @classmethod
    def of(cls, decision: Decision) -> Self:
        reason = decision.reason.value if decision.reason else None
        return cls(allowed=decision.allowed, reason=reason, text=decision.text)


class AlgorithmCard(BaseModel):
    id: str
    version: str = Field(description="the newest in use")
    title: str
    description: str
    licence: str
    owner: PersonRef | None = Field(description="null: it is installed with the node")
    tier: AccessTier
    is_listed: bool
    outputs: list[OutputShown]
    research_use_only: str = RESEARCH_ONLY

    @classmethod
    def of(cls, found: Registered, owner: Person | None) -> Self:
        return cls(**card_fields(found, owner))


class VersionRef(BaseModel):
    version: str
    digest: str
    published: datetime | None
    withdrawn: datetime | None
    withdrawn_reason: str


class AlgorithmShown(AlgorithmCard):
    terms: str
    versions: list[VersionRef]


class VersionShown(AlgorithmCard):
    digest: str
    code: str = Field(description="SHA-256 over its files")
    needs: list[NeedShown]
    parameters: dict[str, dict[str, Any]]
    mpp: tuple[float, float] | None
    stains: list[str]
    cpu: int
    memory_bytes: int
    seconds: float
    weights: list[WeightsShown]
    card: str = Field(description="the model card, Markdown")
    published: datetime | None
    withdrawn: datetime | None
    withdrawn_reason: str
    run: DecisionShown = Field(description="whether you may run it")
    files: DecisionShown = Field(description="whether you may take its files, weights included")


class AlgorithmList(BaseModel):
    items: list[AlgorithmCard]
    research_use_only: str = RESEARCH_ONLY


def card_fields(found: Registered, owner: Person | None) -> dict[str, Any]:
    """What every answer says of an algorithm."""
    algorithm = found.algorithm
    return {
        "id": algorithm.id,
        "version": algorithm.version,
        "title": algorithm.title,
        "description": algorithm.description,
        "licence": algorithm.licence,
        "owner": PersonRef.of(owner) if found.package else None,
        "tier": found.tier,
        "is_listed": found.is_listed,
        "outputs": [OutputShown.of(each) for each in algorithm.outputs],
    }


def version_fields(found: Registered) -> dict[str, Any]:
    """What the page of a version says beside."""
    algorithm: Algorithm = found.algorithm
    return {
        "digest": algorithm.digest,
        "code": algorithm.code,
        "needs": [
            NeedShown(name=each.name, algorithm=each.algorithm, version=each.version)
            for each in algorithm.needs
        ],
        "parameters": {name: dict(schema) for name, schema in algorithm.parameters.items()},
        "mpp": algorithm.mpp,
        "stains": list(algorithm.stains),
        "cpu": algorithm.resources.cpu,
        "memory_bytes": algorithm.resources.memory_bytes,
        "seconds": algorithm.resources.seconds,
        "weights": [WeightsShown(path=each.path, sha256=each.sha256) for each in algorithm.weights],
        "card": found.card,
        "published": found.published,
        "withdrawn": found.withdrawn,
        "withdrawn_reason": found.withdrawn_reason,
    }
