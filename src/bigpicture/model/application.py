"""An application: who asks for which datasets, for what, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bigpicture.model.voting import Choice, Outcome


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in-review"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    EXPIRED = "expired"


TERMINAL = frozenset({State.REJECTED, State.WITHDRAWN, State.CLOSED, State.EXPIRED})
"""Nothing leads out of them; renewing copies into a new draft."""


class LineState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    REMOVED = "removed"


class DocumentKind(StrEnum):
    ETHICS = "ethics"
    DPIA = "dpia"
    TRANSFER = "transfer"
    AGREEMENT = "agreement"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who would work with the data, or signs for them; `country` is where they would.

    `country` is ISO 3166-1 alpha-2, empty where it is not said.
    """

    id: str
    organisation: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """`uses` is None, and `end` empty, where the vote takes what was asked for."""

    by: str
    choice: Choice
    reason: str
    at: datetime
    conditions: tuple[str, ...] = ()
    uses: tuple[str, ...] | None = None
    end: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A dataset of the application.

    `verdict` is what its committee decided in this round, which takes effect once every dataset is
    decided. `members` are the ids of those for whom it is in effect, also while a change of the
    application is decided on: what stands, stands.
    """

    dataset: str
    committee: str
    state: LineState = LineState.ASKED
    votes: tuple[Vote, ...] = ()
    verdict: Outcome | None = None
    members: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a committee decided on a dataset. `uses` None: as asked; `end` empty: likewise."""

    dataset: str
    committee: str
    outcome: Outcome
    at: datetime
    reason: str
    conditions: tuple[str, ...] = ()
    uses: tuple[str, ...] | None = None
    end: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    by: str
    has_conflict: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """`committee` is the one that asks, empty where a reviewer or a steward does."""

    id: str
    by: str
    committee: str
    text: str
    at: datetime
    answer: str = ""
    answered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """An invitation, and what came of it: `at` is None until then."""

    by: str
    text: str = ""
    recommendation: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    title: str
    kind: DocumentKind
    size: int
    sha256: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """Of an agreement's version, for the applicant's organisation."""

    agreement: str
    version: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The fold of its events; `seq` is the number of the last of them, and so its version.

    `members` are those beside the applicant. `cohort` is a cohort's id and version. `transfers`
    name the document on file for members outside the EEA. `matches` and `policies` are by dataset,
    as they were when it was last submitted.
    """

    id: str
    applicant: Party
    created: datetime
    changed: datetime
    form: int
    seq: int = 1
    state: State = State.DRAFT
    lines: tuple[Line, ...] = ()
    members: tuple[Party, ...] = ()
    signatory: Party | None = None
    answers: Mapping[str, object] = field(default_factory=dict[str, object])
    cohort: tuple[str, int] | None = None
    renews: str = ""
    submitted: datetime | None = None
    documents: tuple[Document, ...] = ()
    matches: Mapping[str, Mapping[str, object]] = field(
        default_factory=dict[str, Mapping[str, object]]
    )
    declarations: tuple[Declaration, ...] = ()
    questions: tuple[Question, ...] = ()
    reviews: tuple[Review, ...] = ()
    decisions: tuple[Decision, ...] = ()
    signatures: tuple[Signature, ...] = ()
    transfers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def title(self) -> str:
        return str(self.answers.get("title") or "")

    @property
    def everyone(self) -> tuple[Party, ...]:
        """The applicant and the members: who would get a grant."""
        return (self.applicant, *self.members)

    @property
    def parties(self) -> frozenset[str]:
        """Ids of all who have a part in it, the signatory too; none of them decides on it."""
        signing = {self.signatory.id} if self.signatory else set[str]()
        return frozenset({each.id for each in self.everyone} | signing)

    @property
    def living(self) -> tuple[Line, ...]:
        """The lines that were not taken away."""
        return tuple(each for each in self.lines if each.state is not LineState.REMOVED)

    @property
    def is_change(self) -> bool:
        """Whether something stands approved while it is decided on again."""
        return self.state is not State.APPROVED and any(each.members for each in self.living)

    def line(self, dataset: str) -> Line | None:
        """The line of a dataset, unless it was taken away."""
        return next((each for each in self.living if each.dataset == dataset), None)

    def declared(self, person: str) -> Declaration | None:
        """What a person said last of conflicts of interest."""
        mine = [each for each in self.declarations if each.by == person]
        return mine[-1] if mine else None

    def document(self, name: str) -> Document | None:
        return next((each for each in self.documents if each.name == name), None)
