"""The JSON of policies and purposes: as they are told, given and matched."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from bigpicture.access.data_use.duties import Duty, DutyKind, When
from bigpicture.access.data_use.match import Match
from bigpicture.access.data_use.reason import Answer, Reason
from bigpicture.access.data_use.words import Sentence
from bigpicture.model import data_use as duo
from bigpicture.model.data_use import DataUseTerm, Parameter
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.purpose import (
    CodedPurpose,
    OrganisationType,
    Prohibited,
    Recipient,
    Sensitive,
    Use,
    Worded,
)
from bigpicture.model.use_policy import AccessRoute, UsePolicy

Words = Annotated[str, Field(max_length=200)]
Country = Annotated[str, Field(pattern="^[A-Za-z]{2}$", description="ISO 3166-1 alpha-2")]
_MOST = 100


class TermTold(BaseModel):
    code: str = Field(description="of DUO; as it is stated where no rule knows it")
    shorthand: str
    name: str
    parameter: Parameter
    values: list[str] = Field(description="of people none: see `people`")
    people: int = Field(default=0, description="how many people the term names")

    @classmethod
    def of(cls, term: DataUseTerm) -> Self:
        known = term.known
        is_people = term.code == duo.US.code
        return cls(
            code=term.code,
            shorthand=known.shorthand if known else "",
            name=known.name if known else "",
            parameter=known.parameter if known else Parameter.TEXT,
            values=[] if is_people else list(term.values),
            people=len(term.values) if is_people else 0,
        )


class SentenceTold(BaseModel):
    clause: str
    contributor: str = Field(description="what it means, to who contributed the data")
    applicant: str = Field(description="the same, to who would use them")

    @classmethod
    def of(cls, sentence: Sentence) -> Self:
        return cls(
            clause=sentence.clause, contributor=sentence.contributor, applicant=sentence.applicant
        )


class PolicyTold(BaseModel):
    """null is what the policy does not say; an empty text or list, that it says none."""

    dataset: str
    dataset_version: str
    version: str = Field(description="of the terms of use")
    hash: str = Field(description="SHA-256 of the policy's canonical JSON (RFC 8785)")
    dataset_type: DatasetType
    tier: AccessTier
    type_of_access: str | None
    allowed_uses: list[str] | None
    geography: str | None
    duration: str | None
    research_question_required: bool | None
    consent_restrictions: str | None
    custom_restrictions: str | None
    acknowledgements: list[str] | None
    citation: str | None
    retention_until: str | None
    legal_basis: str | None
    controllers: list[str] | None
    processors: list[str] | None
    route: AccessRoute | None
    permit_number: str | None
    unread: list[str]
    terms: list[TermTold]
    plain: list[SentenceTold]

    @classmethod
    def of(
        cls, policy: UsePolicy, plain: tuple[Sentence, ...], *, dataset: str, version: str
    ) -> Self:
        same = {name: said for name, said in policy.as_json().items() if name in cls.model_fields}
        told = {
            **same,
            "dataset": dataset,
            "dataset_version": version,
            "hash": policy.hash,
            "terms": [TermTold.of(each) for each in policy.terms],
            "plain": [SentenceTold.of(each) for each in plain],
        }
        return cls.model_validate(told)


class RecipientGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    organisation: Words = ""
    country: Country | None = None


class PurposeGiven(BaseModel):
    """What is left out is not said, which no clause takes for a yes or a no."""

    model_config = ConfigDict(extra="forbid")

    uses: Annotated[list[Use], Field(max_length=_MOST)] = []
    diseases: Annotated[list[Words], Field(max_length=_MOST)] = Field(
        default=[], description="`SCHEME:CODE`, such as MONDO:0008903"
    )
    is_commercial: bool | None = None
    country: Country | None = None
    organisation_type: OrganisationType | None = None
    organisation: Words | None = None
    project: Words | None = None
    months: Annotated[int, Field(ge=1, le=1200)] | None = None
    research_question: Annotated[str, Field(max_length=5000)] | None = None
    has_approval: bool | None = Field(
        default=None, description="whether an ethics committee approved it in writing"
    )
    recipients: Annotated[list[RecipientGiven], Field(max_length=_MOST)] | None = Field(
        default=None, description="who else gets the data; [] for nobody"
    )
    sensitive: Annotated[list[Sensitive], Field(max_length=_MOST)] | None = Field(
        default=None, description="what of this it touches; [] for nothing"
    )
    prohibited: Annotated[list[Prohibited], Field(max_length=_MOST)] | None = Field(
        default=None, description="what of this it serves; [] for nothing"
    )

    def purpose(self, *, user: str | None) -> CodedPurpose:
        """The purpose of the one who is signed in: whom a policy names is asked of nobody else."""
        return CodedPurpose(
            uses=frozenset(self.uses),
            diseases=frozenset(self.diseases),
            is_commercial=self.is_commercial,
            country=self.country,
            organisation_type=self.organisation_type,
            organisation=self.organisation,
            users=frozenset({user}) if user else None,
            project=self.project,
            months=self.months,
            research_question=self.research_question,
            has_approval=self.has_approval,
            recipients=None
            if self.recipients is None
            else tuple(
                Recipient(each.organisation, each.country or "") for each in self.recipients
            ),
            sensitive=None if self.sensitive is None else frozenset(self.sensitive),
            prohibited=None if self.prohibited is None else frozenset(self.prohibited),
        )


class ReasonTold(BaseModel):
    clause: str = Field(description="a code of DUO, or a field of the policy or the purpose")
    name: str
    answer: Answer
    text: str

    @classmethod
    def of(cls, reason: Reason) -> Self:
        return cls(clause=reason.clause, name=reason.name, answer=reason.answer, text=reason.text)


class DutyTold(BaseModel):
    kind: DutyKind
    clause: str
    when: When
    day: date | None
    text: str

    @classmethod
    def of(cls, duty: Duty) -> Self:
        return cls(kind=duty.kind, clause=duty.clause, when=duty.when, day=duty.day, text=duty.text)


class MatchTold(BaseModel):
    """Advice: people decide."""

    id: str = Field(description="a digest of all that the answer rests on")
    answer: Answer
    reasons: list[ReasonTold] = Field(description="the strictest first")
    duties: list[DutyTold] = Field(description="of a grant that began today")
    ends: date | None = Field(description="when such a grant would end, as far as is known")
    policy: str = Field(description="the policy's hash")
    algorithm: str
    duo: str
    terminologies: str

    @classmethod
    def of(cls, match: Match, duties: tuple[Duty, ...], *, ends: date | None) -> Self:
        same = ("id", "answer", "policy", "algorithm", "duo", "terminologies")
        return cls(
            **{name: getattr(match, name) for name in same},
            reasons=[ReasonTold.of(each) for each in match.reasons],
            duties=[DutyTold.of(each) for each in duties],
            ends=ends,
        )


class CodeTold(BaseModel):
    code: str
    label: str
    about: str
    duo: str = Field(description="the class of DUO that it is; empty where it is none")

    @classmethod
    def of(cls, code: str, worded: Worded) -> Self:
        return cls(code=code, label=worded.label, about=worded.about, duo=worded.duo)


class PurposesTold(BaseModel):
    """The codes of a purpose, in the order of a form."""

    uses: list[CodeTold]
    sensitive: list[CodeTold]
    prohibited: list[CodeTold]
    organisation_types: list[OrganisationType]
    duo: str
