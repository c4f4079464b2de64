"""Questions to the mock node: a few hundred invented images, truly searched and truly counted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, TypeAlias

from bigpicture.model.errors import InputError
from bigpicture.model.field import FIELDS, Field, Group
from bigpicture.model.question import And, AnyOf, Between, Not, Or, Question, joined
from bigpicture.model.question import Words as AskedWords
from bigpicture.model.question_json import question_as_json, question_from_json
from bigpicture.model.question_text import parse_question, write_question
from browser import mock_catalogue as catalogue

Record: TypeAlias = dict[str, Any]
MOST = 100
"""Values of a facet that are told."""
SORTS: dict[str, Callable[[Record], Any]] = {
    "dataset": lambda card: (card["dataset"], card["alias"]),
    "newest": lambda card: -card["year"],
    "largest": lambda card: -card["columns"] * card["rows"],
    "finest": lambda card: card["mpp_x"],
}


@dataclass(frozen=True)
class Term:
    """A value that images have, and where it stands."""

    key: str
    label: str
    parent: str | None = None


@dataclass
class Image:
    card: Record
    terms: dict[str, tuple[str, ...]]
    """Field to keys, without those above."""
    numbers: dict[str, float]
    being: str

    @property
    def dataset(self) -> str:
        return self.card["dataset"]


@dataclass
class Corpus:
    """Fields, what they may hold, and the images."""

    fields: list[Record]
    terms: dict[str, dict[str, Term]]
    bands: dict[str, list[float]]
    images: list[Image] = field(default_factory=list)

    def with_above(self, name: str, key: str) -> Iterable[str]:
        known = self.terms[name]
        while key:
            yield key
            key = (known[key].parent if key in known else None) or ""

    def held(self, image: Image, name: str) -> set[str]:
        return {up for key in image.terms.get(name, ()) for up in self.with_above(name, key)}

    def label(self, name: str, key: str) -> str:
        return self.terms[name][key].label if key in self.terms[name] else key

    def words(self, image: Image) -> str:
        told = [self.label(name, key) for name in self.terms for key in self.held(image, name)]
        return " ".join([image.card["accession"], image.card["alias"], *told]).casefold()

    def holds(self, question: Question, image: Image) -> bool:
        match question:
            case AskedWords(words):
                return all(word.casefold() in self.words(image) for word in words)
            case AnyOf(name, values):
                if name in self.bands:
                    return image.numbers.get(name) in {float(value) for value in values}
                held = self.held(image, name)
                names = {one.casefold() for key in held for one in (key, self.label(name, key))}
                return any(value.casefold() in names for value in values)
            case Between(name, low, high, with_low, with_high):
                number = image.numbers.get(name)
                if number is None:
                    return False
                is_above = low is None or number > low or (with_low and number == low)
                is_below = high is None or number < high or (with_high and number == high)
                return is_above and is_below
            case Not(part):
                return not self.holds(part, image)
            case And(parts):
                return all(self.holds(part, image) for part in parts)
            case Or(parts):
                return any(self.holds(part, image) for part in parts)

    def find(self, question: Question, opened: set[str]) -> list[Image]:
        return [one for one in self.images if one.dataset in opened and self.holds(question, one)]

    def facet(self, name: str, question: Question, opened: set[str]) -> list[Record]:
        """Counts over what is left of the question without what speaks of this field only."""
        parts = question.parts if isinstance(question, And) else (question,)
        rest = joined(And, [part for part in parts if _field_of(part) != name])
        found = self.find(rest, opened)
        if name not in self.terms and name not in self.bands:
            return []
        if name in self.bands:
            return self._ranged(name, found)
        counts = Counter(key for image in found for key in self.held(image, name))
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], self.label(name, pair[0])))
        return [
            {
                "value": key,
                "label": self.label(name, key),
                "count": count,
                "parent": self.terms[name][key].parent,
            }
            for key, count in ordered
        ]

    def _ranged(self, name: str, found: list[Image]) -> list[Record]:
        ends = self.bands[name]
        numbers = [image.numbers[name] for image in found if name in image.numbers]
        told: list[Record] = []
        for low, high in pairwise(ends):
            count = sum(low <= number < high for number in numbers)
            if count:
                value, label = f"{low:g}..{high:g}", f"{low:g} – {high:g}"
                told.append({"value": value, "label": label, "count": count, "parent": None})
        return told


def _field_of(part: Question) -> str | None:
    if isinstance(part, AnyOf | Between):
        return part.field
    names = {_field_of(one) for one in part.parts} if isinstance(part, Or) else set[None]()
    return names.pop() if len(names) == 1 else None


def mended(question: Question, vocabulary: set[str], told: list[Record]) -> Question:
    """Words that occur nowhere, as the nearest that does."""
    match question:
        case AskedWords(words):
            taken: list[str] = []
            for word in words:
                near = get_close_matches(word.casefold(), vocabulary, n=1, cutoff=0.75)
                is_known = any(word.casefold() in known for known in vocabulary)
                if near and not is_known:
                    told.append({"given": word, "taken": near})
                taken.append(near[0] if near and not is_known else word)
            return AskedWords(tuple(taken))
        case Not(part):
            return Not(mended(part, vocabulary, told))
        case And(parts) | Or(parts):
            each = [mended(part, vocabulary, told) for part in parts]
            return joined(And if isinstance(question, And) else Or, each)
        case _:
            return question


class Finding:
    """The doors of questions, mixed into the mock node's."""

    def get_fields(self: Any) -> None:
        self.json(self.world.corpus.fields)

    def get_found(self: Any) -> None:
        names = self.query.get("facets")
        try:
            question = parse_question(self.query.get("where", ""))
        except InputError as error:
            return self.problem(422, error.what, place=error.place, remedy=error.remedy)
        return self.answer(question, names.split(",") if names else None, self.query)

    def post_found(self: Any) -> None:
        given = self.body()
        question = question_from_json(given["question"])
        return self.answer(question, given.get("facets"), given)

    def answer(self: Any, question: Question, names: list[str] | None, given: Record) -> None:
        corpus: Corpus = self.world.corpus
        self.world.asked.append({**given, "question": write_question(question), "facets": names})
        if self.world.gate:
            self.world.gate.wait(20)
        if names is None:
            names = [one["name"] for one in corpus.fields if one["is_default"]]
        opened = {
            one["accession"] for one in catalogue.DATASETS if self.world.may_open(self.person, one)
        }
        understood: list[Record] = []
        if given.get("mend") not in (False, "false"):
            known = {word for one in corpus.images for word in corpus.words(one).split()}
            question = mended(question, known, understood)
        found = corpus.find(question, opened)
        cards = sorted((one.card for one in found), key=SORTS[given.get("sort") or "dataset"])
        facets = {name: corpus.facet(name, question, opened) for name in names}
        start, limit = int(given.get("after") or 0), int(given.get("limit") or 50)
        shut = [one for one in catalogue.DATASETS if one["accession"] not in opened]
        self.json(
            {
                "total": len(found),
                "beings": len({one.being for one in found}),
                "datasets": len({one.dataset for one in found}),
                "items": cards[start : start + limit],
                "next": str(start + limit) if start + limit < len(cards) else None,
                "facets": {name: values[:MOST] for name, values in facets.items()},
                "more": {n: len(all_) - MOST for n, all_ in facets.items() if len(all_) > MOST},
                "companion": [],
                "question": write_question(question),
                "question_json": question_as_json(question),
                "understood": understood,
                "closed": len(shut),
                "closed_datasets": [
                    {
                        "accession": one["accession"],
                        "title": one["title"],
                        "beings": "<5"
                        if one["alias"] == "skin-margin"
                        else str(one["counts"]["beings"]),
                    }
                    for one in shut
                ],
                "hints": [],
            }
        )

    def get_values(self: Any) -> None:
        corpus: Corpus = self.world.corpus
        opened = {one["accession"] for one in catalogue.DATASETS if one["tier"] == "open"}
        try:
            question = parse_question(self.query.get("where", ""))
        except InputError:
            question = And()
        begun = self.query.get("words", "").casefold()
        told = corpus.facet(self.query["field"], question, opened)
        fits = [one for one in told if begun in one["label"].casefold()]
        self.json({"items": fits[: int(self.query.get("limit", 20))]})

    def post_cohort(self: Any) -> None:
        if not self.person:
            return self.problem(401, "Sign in to keep cohorts.")
        self.world.cohorts.append(self.body())
        return self.json({"id": f"c{len(self.world.cohorts)}"}, 201)


ROUTES = [
    ("GET", "/api/v1/fields", "get_fields"),
    ("GET", "/api/v1/images", "get_found"),
    ("POST", "/api/v1/images/find", "post_found"),
    ("GET", "/api/v1/images/values", "get_values"),
    ("POST", "/api/v1/cohorts", "post_cohort"),
]


def described(each: Field) -> Record:
    """A field as `GET /api/v1/fields` tells it."""
    return {name: getattr(each, name) for name in Field.__dataclass_fields__}


def large(fields: int = 25, values: int = 100, images: int = 400) -> Corpus:
    """As many facets with as many values as a node ever tells at once."""
    chance = random.Random(25)
    groups = list(Group)
    invented = [
        Field(f"f{n}", f"Field {n}", groups[n * 6 // fields], "", is_default=True)
        for n in range(fields)
    ]
    # Fields that the language does not have are known to it in this process.
    FIELDS.update({each.name: each for each in invented})
    told = [described(each) for each in invented]
    terms = {
        one["name"]: {
            f"INVENTED:{n}": Term(f"INVENTED:{n}", f"Value {n} of {one['label']}")
            for n in range(values)
        }
        for one in told
    }
    corpus = Corpus(told, terms, {})
    model = catalogue.IMAGES[0]
    for n in range(images):
        held = {
            name: tuple(
                {f"INVENTED:{n % values}", f"INVENTED:{int(values * chance.random() ** 2)}"}
            )
            for name in terms
        }
        card = {
            **catalogue.image_card(model),
            "accession": f"bb-image-{n:06d}-q8w3zt".replace("0", "z").replace("1", "y"),
            "alias": f"L{n:04d}",
            "dataset": model["dataset"],
            "dataset_title": "A large one",
            "sex": "female",
            "age": 40,
            "scanner": "Invented",
            "year": 2026,
            "thumbnail": None,
        }
        corpus.images.append(Image(card, held, {}, f"b{n // 2}"))
    return corpus
