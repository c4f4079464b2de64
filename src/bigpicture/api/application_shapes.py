"""The JSON of applications: as lists show them, and whole."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bigpicture.access.data_use.reason import Answer
from bigpicture.api.dataset_ref import DatasetRef
from bigpicture.api.person_shown import PersonRef
from bigpicture.model.agreement import AgreementKind
from bigpicture.model.application import DocumentKind, LineState, State
from bigpicture.model.application_table import Command
from bigpicture.model.grant import GrantState, GrantUse
from bigpicture.model.transfer import Transfer
from bigpicture.model.voting import Choice, Outcome

Opinion = Literal["allow", "deny", "people"]


class CommitteeRef(BaseModel):
    id: str
    name: str


class LineShown(DatasetRef):
    committee: CommitteeRef
    state: LineState
    opinion: Opinion | None = Field(description="what the policy says to the purpose; advice")


class CohortRef(BaseModel):
    id: str
    version: int
    name: str


class Card(BaseModel):
    id: str
    title: str
    state: State
    applicant: PersonRef
    organisation: str
    created: datetime
    submitted: datetime | None
    changed: datetime
    deadline: datetime | None
    is_overdue: bool
    datasets: list[LineShown]
    cohort: CohortRef | None
    waiting_for: str = Field(description="what it waits for, for people")
    can: list[Command] = Field(description="what you may do to it now")


class CardList(BaseModel):
    items: list[Card]
    next: str | None


class AcceptedShown(BaseModel):
    agreement: str
    version: int
    at: datetime


class MemberShown(PersonRef):
    country: str
    accepted: list[AcceptedShown]
    transfer: Transfer


class SignedShown(BaseModel):
    at: datetime
    by: str


class DocumentShown(BaseModel):
    name: str
    title: str
    kind: DocumentKind
    size: int
    sha256: str
    at: datetime
    by: str


class ReasonShown(BaseModel):
    clause: str
    name: str
    answer: Answer
    text: str


class MatchShown(BaseModel):
    """`id` is a digest of all that the answer rests on."""

    dataset: str
    id: str
    answer: Answer
    algorithm: str
    policy: str
    reasons: list[ReasonShown]


class DecisionShown(BaseModel):
    dataset: str
    committee: CommitteeRef
    outcome: Outcome
    at: datetime
    reason: str
    conditions: list[str]
    uses: list[GrantUse] | None
    end: datetime | None


class VoteShown(BaseModel):
    dataset: str
    by: PersonRef
    vote: Choice
    reason: str
    at: datetime


class DeclarationShown(BaseModel):
    by: PersonRef
    has_conflict: bool
    text: str
    at: datetime


class ReviewShown(BaseModel):
    """`by` was invited; `at` is null until the review is given."""

    by: PersonRef
    text: str
    recommendation: str
    at: datetime | None


class AnswerShown(BaseModel):
    text: str
    at: datetime


class QuestionShown(BaseModel):
    id: str
    by: PersonRef = Field(description="to the applicant the committee, without an id")
    text: str
    at: datetime
    answer: AnswerShown | None


class StepShown(BaseModel):
    at: datetime
    what: str
    by: str


class AgreementAsked(BaseModel):
    id: str
    version: int
    title: str
    text: str
    kind: AgreementKind
    accepted: bool = Field(description="by you, or signed for the application")


class GrantRef(BaseModel):
    id: str
    person: str
    dataset: str
    state: GrantState
    start: datetime
    end: datetime


class ApplicationShown(Card):
    answers: dict[str, Any]
    form_version: int
    etag: str
    renews: str | None
    members: list[MemberShown] = Field(description="the applicant first")
    signatory: PersonRef | None
    signed: SignedShown | None
    documents: list[DocumentShown]
    matches: list[MatchShown]
    decisions: list[DecisionShown]
    votes: list[VoteShown] = Field(description="to those who decide, stewards and auditors")
    declarations: list[DeclarationShown]
    reviews: list[ReviewShown]
    questions: list[QuestionShown]
    timeline: list[StepShown]
    agreements: list[AgreementAsked]
    grants: list[GrantRef]


class CohortWanted(BaseModel):
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    version: Annotated[int, Field(ge=1)]


class ApplicationWanted(BaseModel):
    datasets: Annotated[list[str], Field(max_length=200)] = Field(
        default=[], description="accessions; with a cohort, those that it needs a grant for"
    )
    cohort: CohortWanted | None = None


class MemberGiven(BaseModel):
    """Somebody by id or sign-in name, where they work in another country than the purpose says."""

    model_config = ConfigDict(extra="forbid")

    person: Annotated[str, Field(min_length=1, max_length=200)]
    country: Annotated[str, Field(pattern="^[A-Za-z]{2}$")]


Named = Annotated[str, Field(min_length=1, max_length=200)]
Members = Annotated[list[Named | MemberGiven], Field(max_length=100)]


class ApplicationChange(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    answers: dict[str, Any] | None = None
    datasets: Annotated[list[str], Field(max_length=200)] | None = None
    members: Members | None = Field(default=None, description="beside the applicant")
    signatory: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="id or sign-in name; an empty one takes it away"
    )


class FormShown(BaseModel):
    version: int
    schema_: dict[str, Any] = Field(
        serialization_alias="schema", description="JSON Schema 2020-12 of the answers"
    )
