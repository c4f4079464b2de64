"""Questions: images of all datasets that one may open, by one question."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from bigpicture.api.asked import ValueShown
from bigpicture.api.asking import DEFAULT_LIMIT, After, Anyone, Limit, NodeAsked
from bigpicture.api.companions import show_companion
from bigpicture.api.image_lists import ImageCard, ImageList, show_values
from bigpicture.api.node import Node
from bigpicture.api.opening import scope_of
from bigpicture.catalogue.closed import closed_datasets
from bigpicture.catalogue.hints import hints
from bigpicture.catalogue.index.find import find
from bigpicture.model.errors import InputError
from bigpicture.model.field import COMPANION, DEFAULT_FACETS, FIELDS, Group
from bigpicture.model.field import FieldKind as Kind
from bigpicture.model.person import Person
from bigpicture.model.query import Asked, Sort
from bigpicture.model.question import Question, Words, conditions
from bigpicture.model.question_json import question_as_json, question_from_json
from bigpicture.model.question_text import LONGEST, parse_question, write_question

router = APIRouter(prefix="/api/v1", tags=["images"])

_COMPANION = "companion"
_CLOSED_SHOWN = 20

Where = Annotated[
    str,
    Query(
        max_length=LONGEST,
        description='a question such as `organ:liver NOT stain:"H&E" mpp<0.3`; empty: every image',
    ),
]
Facets = Annotated[
    str,
    Query(
        max_length=1000,
        description="names of fields, by commas, and `companion`; empty: the default ones",
    ),
]


Mend = Annotated[bool, Query(description="false: words are taken as they are written")]


class QuestionGiven(BaseModel):
    """The question as JSON, where the text would be too long for an address."""

    question: dict[str, Any] = {}
    sort: Sort = Sort.DATASET
    facets: Annotated[list[str], Field(max_length=100)] | None = None
    after: Annotated[str, Field(max_length=400)] = ""
    limit: Limit = DEFAULT_LIMIT
    mend: bool = True


class WordUnderstood(BaseModel):
    given: str
    taken: list[str]


class ClosedShown(BaseModel):
    accession: str
    title: str
    beings: str = Field(description="`<5` where there are few")


class ImagesFound(ImageList):
    beings: int = Field(description="distinct beings that the images show")
    datasets: int = Field(description="in which images were found")
    more: dict[str, int] = Field(description="values that are not told, by facet")
    question: str = Field(description="as it was understood, in its written form")
    question_json: dict[str, Any] = Field(description="the same as JSON")
    understood: list[WordUnderstood] = Field(description="words taken for others, near to them")
    closed: int = Field(description="datasets that are listed, and whose images you may not see")
    closed_datasets: list[ClosedShown] = Field(
        description="of these, some that may hold what is asked for, by their landing pages"
    )
    hints: list[str] = Field(description="where nothing was found: values that no image has")


class FieldShown(BaseModel):
    name: str
    label: str
    kind: Kind
    group: Group
    is_facet: bool
    is_default: bool
    is_hierarchical: bool
    unit: str
    about: str


class ValueList(BaseModel):
    items: list[ValueShown]


@router.get("/images", response_model=ImagesFound)
def find_images(
    node: NodeAsked,
    person: Anyone,
    where: Where = "",
    sort: Sort = Sort.DATASET,
    facets: Facets = "",
    after: After = "",
    limit: Limit = DEFAULT_LIMIT,
    mend: Mend = True,
) -> Response:
    """Find images of every dataset that you may open; facets count images within these."""
    wanted = [each for each in facets.split(",") if each] or None
    given = QuestionGiven(sort=sort, facets=wanted, after=after, limit=limit, mend=mend)
    given.question = question_as_json(parse_question(where))
    return _told(_answer(node, person, given))


@router.post("/images/find", response_model=ImagesFound)
def find_images_by_json(node: NodeAsked, person: Anyone, given: QuestionGiven) -> Response:
    """Find images by a question in JSON."""
    return _told(_answer(node, person, given))


@router.get("/images/values")
def find_values(
    node: NodeAsked,
    person: Anyone,
    field: Annotated[str, Query(max_length=60)],
    words: Annotated[str, Query(max_length=200)] = "",
    where: Where = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 20,
) -> ValueList:
    """Find values of one facet by the beginnings of words, each with what it would count."""
    if field not in FIELDS or not FIELDS[field].is_facet:
        raise InputError(
            "this is no facet.", place="field", remedy="GET /api/v1/fields names those there are."
        )
    scope = scope_of(node, person, node.catalogue.view())
    values = node.catalogue.values(field, words, parse_question(where), scope, limit)
    return ValueList(items=[ValueShown.of(each) for each in values])


@router.get("/fields")
def fields() -> list[FieldShown]:
    """Name what may be asked of images and what they are counted by, as a page shows it."""
    return [
        FieldShown(**{name: getattr(each, name) for name in FieldShown.model_fields})
        for each in FIELDS.values()
    ]


def _told(found: ImagesFound) -> Response:
    """Written at once: FastAPI would make a copy of every value first."""
    return Response(found.model_dump_json(), media_type="application/json")


def _asks_variables(question: Question) -> bool:
    told = (each.field for each in conditions(question) if not isinstance(each, Words))
    return any(name.startswith(COMPANION) for name in told)


def _answer(node: Node, person: Person | None, given: QuestionGiven) -> ImagesFound:
    question = question_from_json(given.question)
    view = node.catalogue.view()
    scope = scope_of(node, person, view)
    closed = sum(map(scope.lists, view.names)) - len(scope.opened)
    facets = DEFAULT_FACETS if given.facets is None else tuple(dict.fromkeys(given.facets))
    asked = Asked(
        question,
        is_mended=given.mend,
        sort=given.sort,
        facets=tuple(name for name in facets if name != _COMPANION),
        with_companion=_COMPANION in facets or _asks_variables(question),
        after=given.after,
        limit=given.limit,
    )
    found = find(view, asked, scope)
    variables = node.catalogue.variables(scope) if asked.with_companion else []
    by_name = {each.name: each for each in variables}
    apart = closed_datasets(view, question, scope, _CLOSED_SHOWN) if closed else ()
    same = ("next", "total", "beings", "datasets")
    return ImagesFound(
        **{name: getattr(found, name) for name in same},
        items=[ImageCard.of(each) for each in found.items],
        facets=show_values(found),
        more=dict(found.more),
        companion=show_companion(list(by_name.values()), found.companion),
        question=write_question(question),
        question_json=question_as_json(question),
        understood=[
            WordUnderstood(given=each.given, taken=list(each.taken)) for each in found.understood
        ],
        closed=closed,
        closed_datasets=[
            ClosedShown(accession=each.accession, title=each.title, beings=each.beings)
            for each in apart
        ],
        hints=[] if found.total else list(hints(view, question, scope)),
    )
