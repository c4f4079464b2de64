"""The JSON of cohorts: as they are saved, listed, shown and compared."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from bigpicture.catalogue.cohort_compare import Comparison, Moved, Why
from bigpicture.catalogue.cohort_request import AccessRequest
from bigpicture.catalogue.cohort_sight import Hidden, Sight, hide
from bigpicture.catalogue.cohorts import Listed
from bigpicture.model.cohort import LONGEST_NAME, LONGEST_NOTES, Cohort, Part, Sharing
from bigpicture.model.errors import InputError
from bigpicture.model.person import Person
from bigpicture.model.question import Question
from bigpicture.model.question_json import question_as_json, question_from_json
from bigpicture.model.question_text import LONGEST, parse_question, write_question

_NAMED = 100
"""Images of a group that are named one by one."""

_WHY = {
    Why.PUBLISHED: "the dataset, or this version of it, was published since",
    Why.GRANTED: "the dataset was not open to who froze the earlier version",
    Why.ANSWERS: "they answer the question now",
    Why.QUESTION: "the question was changed",
    Why.WITHDRAWN: "the dataset was withdrawn",
    Why.GRANT: "a grant has ended or is missing",
    Why.ERASED: "the images were erased",
    Why.NO_ANSWER: "they do not answer the question any more",
}


class CohortGiven(BaseModel):
    """The question comes as text or as JSON."""

    notes: Annotated[str | None, Field(max_length=LONGEST_NOTES)] = None
    where: Annotated[str | None, Field(max_length=LONGEST)] = None
    question: dict[str, Any] | None = None
    sharing: Sharing | None = None

    def asked(self) -> Question | None:
        """The question, if one is given; raises `InputError`."""
        if self.where is not None and self.question is not None:
            raise InputError(
                "the question is given twice.", place="where", rule="where or question"
            )
        if self.question is not None:
            return question_from_json(self.question)
        return None if self.where is None else parse_question(self.where)


class CohortChange(CohortGiven):
    """What is left out stays as it is."""

    name: Annotated[str | None, Field(max_length=LONGEST_NAME)] = None


class CohortWanted(CohortGiven):
    """A new cohort; without a question it asks for every image."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class CohortCard(BaseModel):
    id: str
    name: str
    owner: str = Field(description="the owner's name")
    is_mine: bool
    sharing: Sharing
    question: str
    created: datetime
    changed: datetime


class CohortListed(CohortCard):
    versions: int
    frozen: datetime | None = Field(description="when it was frozen last")

    @classmethod
    def of(cls, listed: Listed, person: Person) -> CohortListed:
        card = card_of(listed.cohort, person)
        return cls(**card, versions=listed.versions, frozen=listed.frozen)


class CohortList(BaseModel):
    items: list[CohortListed]
    next: str | None


class PartShown(BaseModel):
    dataset: str
    title: str
    images: int
    beings: int

    @classmethod
    def of(cls, part: Part) -> PartShown:
        return cls(dataset=part.dataset, title=part.title, images=part.images, beings=part.beings)


class HiddenShown(BaseModel):
    """A dataset that is not open to you; sizes are told from five beings on."""

    dataset: str
    title: str
    images: str
    beings: str
    is_withdrawn: bool

    @classmethod
    def of(cls, hidden: Hidden) -> HiddenShown:
        return cls(
            dataset=hidden.dataset,
            title=hidden.title,
            images=hidden.images,
            beings=hidden.beings,
            is_withdrawn=hidden.is_withdrawn,
        )


class SightShown(BaseModel):
    """What of a frozen list is open to you, and how large the rest is."""

    images: str
    open_images: int
    hidden_images: str
    open: list[PartShown]
    hidden: list[HiddenShown]

    @classmethod
    def of(cls, sight: Sight) -> SightShown:
        return cls(
            images=sight.images,
            open_images=sight.open_images,
            hidden_images=sight.hidden_images,
            open=[PartShown.of(part) for part in sight.open],
            hidden=[HiddenShown.of(each) for each in sight.hidden],
        )


class NowShown(BaseModel):
    """What answers the question now, of what you may open."""

    images: int
    beings: int
    parts: list[PartShown]


class CohortShown(CohortCard):
    notes: str
    question_json: dict[str, Any]
    etag: str
    versions: int
    now: NowShown

    @classmethod
    def shown(
        cls, cohort: Cohort, person: Person, parts: tuple[Part, ...], versions: int
    ) -> CohortShown:
        return cls(
            **card_of(cohort, person),
            notes=cohort.notes,
            question_json=question_as_json(cohort.question),
            etag=cohort.etag,
            versions=versions,
            now=NowShown(
                images=sum(part.images for part in parts),
                beings=sum(part.beings for part in parts),
                parts=[PartShown.of(part) for part in parts],
            ),
        )


class MovedShown(BaseModel):
    """Images of one dataset; the first hundred are named, none of one that is not open to you."""

    why: Why
    reason: str
    dataset: str
    title: str
    count: str
    images: list[str]

    @classmethod
    def of(cls, moved: Moved) -> MovedShown:
        return cls(
            why=moved.why,
            reason=_WHY[moved.why],
            dataset=moved.dataset,
            title=moved.title,
            count=moved.count,
            images=list(moved.images[:_NAMED]),
        )


class ComparisonShown(BaseModel):
    earlier: int
    later: int | None = Field(description="null: what answers now")
    kept: int
    entered: list[MovedShown]
    left: list[MovedShown]
    unseen: list[HiddenShown] = Field(
        description="datasets in both that are not open to you: what changed there is not told"
    )

    @classmethod
    def of(
        cls,
        comparison: Comparison,
        earlier: int,
        later: int | None,
        *,
        published: Collection[str],
    ) -> ComparisonShown:
        return cls(
            earlier=earlier,
            later=later,
            kept=comparison.kept,
            entered=[MovedShown.of(each) for each in comparison.entered],
            left=[MovedShown.of(each) for each in comparison.left],
            unseen=[
                HiddenShown.of(hide(part, is_withdrawn=part.dataset not in published))
                for part in comparison.unseen
            ],
        )


class NeededShown(HiddenShown):
    contact: str
    apply: str | None


class RequestShown(BaseModel):
    """Applications are not kept by the node yet: the text is for sending by hand."""

    open: list[PartShown]
    needed: list[NeededShown]
    beings: str = Field(description="of all that is needed, told from five on")
    text: str

    @classmethod
    def of(cls, request: AccessRequest) -> RequestShown:
        return cls(
            open=[PartShown.of(part) for part in request.open],
            needed=[
                NeededShown(
                    **HiddenShown.of(each.hidden).model_dump(),
                    contact=each.contact,
                    apply=each.apply,
                )
                for each in request.needed
            ],
            beings=request.beings,
            text=request.text,
        )


def card_of(cohort: Cohort, person: Person) -> dict[str, Any]:
    """What every shape of a cohort begins with."""
    return {
        "id": cohort.id,
        "name": cohort.name,
        "owner": cohort.owner_name,
        "is_mine": cohort.owner == person.id,
        "sharing": cohort.sharing,
        "question": write_question(cohort.question),
        "created": cohort.created,
        "changed": cohort.changed,
    }
