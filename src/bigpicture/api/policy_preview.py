"""A policy under way: what the chosen terms would mean, for whom; open to all, nothing recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from bigpicture.access.data_use.diseases import Lineage
from bigpicture.access.data_use.examples import EXAMPLES
from bigpicture.access.data_use.match import Match, match
from bigpicture.access.data_use.reason import Answer
from bigpicture.access.data_use.words import explain, tell
from bigpicture.api.asking import NodeAsked
from bigpicture.api.policy_shapes import ReasonTold, SentenceTold
from bigpicture.api.preparation_shapes import Context
from bigpicture.model import data_use as duo
from bigpicture.model.data_use import CODES, DataUseCode, DataUseTerm, Kind, Parameter
from bigpicture.model.policy import AccessTier
from bigpicture.model.use_policy import UsePolicy
from bigpicture.preparation.cell_finding import CellFinding
from bigpicture.preparation.data_use_text import WANTED, write_data_use
from bigpicture.preparation.field import Step
from bigpicture.preparation.policy_preview import Preview, preview_policy

router = APIRouter(prefix="/api/v1/policies", tags=["policies"])

_MOST_FIELDS = 100
_KIND_OF_USE = frozenset({duo.CC, duo.GSO, duo.NMDS, duo.NPOA, duo.RS})
_IN_RETURN = frozenset({duo.COL, duo.IRB, duo.MOR, duo.PUB, duo.RTN})
Name = Annotated[str, Field(max_length=100)]
Text = Annotated[str, Field(max_length=20_000)]


class CodeExplained(BaseModel):
    """A code of DUO that a policy may hold."""

    code: str
    shorthand: str
    name: str
    kind: Kind
    step: Step = Field(description="of choosing the terms of use, where it belongs")
    parameter: Parameter
    wanted: str = Field(description="what its values are; empty where it asks for none")
    contributor: str = Field(description="what it means, to who contributes the data")

    @classmethod
    def of(cls, code: DataUseCode) -> Self:
        return cls(
            code=code.code,
            shorthand=code.shorthand,
            name=code.name,
            kind=code.kind,
            step=_step(code),
            parameter=code.parameter,
            wanted=WANTED.get(code.parameter, ""),
            contributor=explain(code).contributor,
        )


def _step(code: DataUseCode) -> Step:
    if code in _IN_RETURN:
        return Step.RETURN
    is_use = code.kind is Kind.PERMISSION or code in _KIND_OF_USE
    return Step.USES if is_use else Step.LIMITS


class CodesExplained(BaseModel):
    items: list[CodeExplained] = Field(
        description="permissions first, and what asks for something last"
    )


class FieldsGiven(BaseModel):
    """The terms of use as the form of a dataset holds them; other fields are passed over."""

    model_config = ConfigDict(extra="forbid")

    fields: Annotated[dict[Name, Text], Field(max_length=_MOST_FIELDS)]
    audience: Context = Field(
        default=Context.CLINICAL, description="whose form it is while the type is not said"
    )


class TermGiven(BaseModel):
    shorthand: str = Field(description="of DUO; as it is written where no rule knows it")
    values: list[str]
    text: str = Field(description="as the field `data_use` holds it")

    @classmethod
    def of(cls, term: DataUseTerm) -> Self:
        shorthand = term.known.shorthand if term.known else term.code
        return cls(shorthand=shorthand, values=list(term.values), text=write_data_use(term))


class PolicyProblem(BaseModel):
    field: str
    severity: str
    what: str
    expected: str
    remedy: str

    @classmethod
    def of(cls, finding: CellFinding) -> Self:
        return cls(
            field=finding.column,
            severity=finding.severity.value,
            what=finding.what,
            expected=finding.expected,
            remedy=finding.remedy,
        )


class ExampleTold(BaseModel):
    """Somebody invented who would use the data, and what the policy answers."""

    name: str
    label: str
    answer: Answer
    reasons: list[ReasonTold] = Field(
        description="those that make the answer; [] where it is allow"
    )

    @classmethod
    def of(cls, name: str, label: str, found: Match) -> Self:
        deciding = [each for each in found.reasons if each.answer is found.answer]
        is_allowed = found.answer is Answer.ALLOW
        reasons = [] if is_allowed else [ReasonTold.of(each) for each in deciding]
        return cls(name=name, label=label, answer=found.answer, reasons=reasons)


class PreviewTold(BaseModel):
    """`hash`, `tier` and all that rests on them lack where the terms are no policy yet."""

    hash: str | None
    tier: AccessTier | None
    terms: list[TermGiven]
    plain: list[SentenceTold]
    problems: list[PolicyProblem]
    examples: list[ExampleTold]


@router.get("/codes")
def codes() -> CodesExplained:
    """Explain the codes that a policy may hold, in the order of a form."""
    asking_last = sorted(
        CODES, key=lambda each: each.kind is Kind.MODIFIER and each.parameter is not Parameter.NONE
    )
    return CodesExplained(items=[CodeExplained.of(each) for each in asking_last])


@router.post("/preview")
def preview(node: NodeAsked, given: FieldsGiven) -> PreviewTold:
    """Say what terms of use would mean: in plain words, what is wrong, who could use the data."""
    today = datetime.now(UTC).date()
    found = preview_policy(given.fields, today=today, audience=given.audience.audience)
    return _told(found, node)


def _told(found: Preview, node: NodeAsked) -> PreviewTold:
    policy = found.policy
    return PreviewTold(
        hash=policy.hash if policy else None,
        tier=policy.tier if policy else None,
        terms=[TermGiven.of(each) for each in found.terms],
        plain=[SentenceTold.of(each) for each in tell(policy)] if policy else [],
        problems=[PolicyProblem.of(each) for each in found.problems],
        examples=_examples(policy, node.terminologies) if policy else [],
    )


def _examples(policy: UsePolicy, lineage: Lineage) -> list[ExampleTold]:
    return [
        ExampleTold.of(each.name, each.label, match(policy, each.purpose, lineage))
        for each in EXAMPLES
    ]
