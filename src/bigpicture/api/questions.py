"""Questions: images of all datasets that one may open, by one question."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from bigpicture.api.asked import show_facets
from bigpicture.api.asking import DEFAULT_LIMIT, After, Anyone, Limit, NodeAsked
from bigpicture.api.companions import show_companion
from bigpicture.api.images import ImageCard, ImageList
from bigpicture.api.node import Node
from bigpicture.catalogue.ask import hints
from bigpicture.model.person import Person
from bigpicture.model.query import Query as Asked
from bigpicture.model.query import Target
from bigpicture.model.question import Question
from bigpicture.model.question_json import question_as_json, question_from_json
from bigpicture.model.question_text import LONGEST, parse_question, write_question
from bigpicture.model.scope import Scope

router = APIRouter(prefix="/api/v1", tags=["images"])

Where = Annotated[
    str,
    Query(
        max_length=LONGEST,
        description='a question such as `organ:liver NOT stain:"H&E" mpp<0.3`; empty: every image',
    ),
]


class QuestionGiven(BaseModel):
    """The question as JSON, where the text would be too long for an address."""

    question: dict[str, Any] = {}
    after: Annotated[str, Field(max_length=400)] = ""
    limit: Limit = DEFAULT_LIMIT


class ImagesFound(ImageList):
    question: str = Field(description="as it was understood, in its written form")
    question_json: dict[str, Any] = Field(description="the same as JSON")
    closed: int = Field(description="datasets that are listed, and whose images you may not see")
    hints: list[str] = Field(description="where nothing was found: values that no image has")


@router.get("/images")
def find_images(
    node: NodeAsked,
    person: Anyone,
    where: Where = "",
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
) -> ImagesFound:
    """Find images of every dataset that you may open; facets count images within these."""
    return _answer(node, person, parse_question(where), after, limit)


@router.post("/images/find")
def find_images_by_json(node: NodeAsked, person: Anyone, given: QuestionGiven) -> ImagesFound:
    """Find images by a question in JSON."""
    return _answer(node, person, question_from_json(given.question), given.after, given.limit)


def _answer(
    node: Node, person: Person | None, question: Question, after: str, limit: int
) -> ImagesFound:
    known = node.catalogue.accessions()
    decisions = node.decisions.decide_each(person, known)
    opened = frozenset(name for name, decision in decisions.items() if decision.allowed)
    scope = Scope(opened=opened)
    asked = Asked(Target.IMAGES, after=after, limit=limit, where=question)
    page = node.catalogue.search_images(asked, scope)
    variables = {each.name: each for each in node.catalogue.variables(scope)}
    return ImagesFound(
        items=[ImageCard.of(facts) for facts in page.items],
        next=page.next,
        total=page.total,
        facets=show_facets(page.facets),
        companion=show_companion(list(variables.values()), page.companion),
        question=write_question(question),
        question_json=question_as_json(question),
        closed=len(known) - len(opened),
        hints=[] if page.total else list(hints(question, node.catalogue.images(scope))),
    )
