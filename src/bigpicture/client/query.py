"""Query: ask a node for images, by one question, page after page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Self

from bigpicture.analysis.plot import bars
from bigpicture.client.node import Node
from bigpicture.model.query import Sort
from bigpicture.model.question import Question
from bigpicture.model.question_json import question_as_json
from bigpicture.model.question_text import parse_question

_PAGE = 500


@dataclass(frozen=True, slots=True)
class FoundImage:
    """An image as lists show it; `columns`, `rows` in pixels, `mpp` µm per pixel (x, y)."""

    accession: str
    dataset: str
    alias: str
    organ: str
    stain: str
    species: str
    diagnoses: tuple[str, ...]
    """Meanings; a candidate ends in a question mark."""
    columns: int
    rows: int
    mpp: tuple[float, float]
    magnification: float | None
    sex: str = ""
    age: float | None = None
    """Years, at extraction."""
    scanner: str = ""

    @classmethod
    def of(cls, card: Mapping[str, Any]) -> Self:
        same = ("accession", "dataset", "alias", "organ", "stain", "species", "columns", "rows")
        return cls(
            **{name: card[name] for name in same},
            diagnoses=tuple(
                each["meaning"] + ("?" if each["qualifier"] == "candidate" else "")
                for each in card["diagnoses"]
            ),
            mpp=(card["mpp_x"], card["mpp_y"]),
            magnification=card["magnification"],
            **{name: card[name] for name in ("sex", "age", "scanner") if name in card},
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The first page of an answer, and what was counted of the whole.

    `facets` are (label, count) by facet, the most frequent first; `beings` are distinct ones that
    the images show. `understood` are words that were taken for others, near to them. `closed`
    datasets hold images that you may not see.
    """

    total: int
    images: tuple[FoundImage, ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    question: str
    hints: tuple[str, ...]
    closed: int
    next: str | None
    beings: int = 0
    understood: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def _repr_html_(self) -> str:
        """How many there are, and a plot of each facet."""
        plots = "".join(
            f"<h4>{escape(name)}</h4>"
            + bars(name, [(label, count, f"{count:,}") for label, count in counts])
            for name, counts in self.facets.items()
        )
        return f"<p>{self.total:,} images of {self.beings:,} beings</p>{plots}"


def ask(
    node: Node,
    question: str | Question,
    *,
    facets: Sequence[str] = (),
    sort: Sort = Sort.DATASET,
    after: str = "",
    limit: int = 50,
) -> Answer:
    """Ask once, and have these facets counted.

    Raises `InputError` for a question that is wrong, before anything is sent.
    """
    tree = parse_question(question) if isinstance(question, str) else question
    body = {
        "question": question_as_json(tree),
        "facets": list(facets),
        "sort": sort,
        "after": after,
        "limit": limit,
    }
    told = node.post("/api/v1/images/find", body)
    return Answer(
        total=told["total"],
        images=tuple(FoundImage.of(card) for card in told["items"]),
        facets={
            name: tuple((each["label"], each["count"]) for each in counts)
            for name, counts in told["facets"].items()
        },
        question=told["question"],
        hints=tuple(told["hints"]),
        closed=told["closed"],
        next=told["next"],
        beings=told["beings"],
        understood={each["given"]: tuple(each["taken"]) for each in told["understood"]},
    )


def query(
    question: str | Question,
    *,
    node: str,
    token: str | None = None,
    sort: Sort | str = Sort.DATASET,
) -> Iterator[FoundImage]:
    """Yield every image that a question asks for, of what you may open at a node.

    `sort` is dataset, newest, largest or finest.

    `token` is a bearer token of the node, else BIGPICTURE_TOKEN; open datasets need none.
    """
    with Node(node, token=token) as door:
        after: str | None = ""
        while after is not None:
            answer = ask(door, question, sort=Sort(sort), after=after, limit=_PAGE)
            yield from answer.images
            after = answer.next
