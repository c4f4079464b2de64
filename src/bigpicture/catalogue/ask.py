"""Ask: whether an image is one of those that a question asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import TypeAlias

from bigpicture.catalogue.facts import DatasetFacts, ImageFacts
from bigpicture.catalogue.ranges import is_in, plain
from bigpicture.catalogue.terms import Term
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.query import Facet
from bigpicture.model.question import (
    COMPANION,
    And,
    AnyOf,
    Between,
    FieldKind,
    Not,
    Or,
    Question,
    Words,
    conditions,
    joined,
    kind_of,
)

Asked: TypeAlias = Callable[[ImageFacts], bool]
_Terms: TypeAlias = tuple[Term, ...]

_FACETS = {
    "organ": Facet.ORGAN,
    "stain": Facet.STAIN,
    "species": Facet.SPECIES,
    "diagnosis": Facet.DIAGNOSIS,
}


def split(
    question: Question, taken: Collection[str] = ()
) -> tuple[dict[Facet, tuple[str, ...]], dict[str, tuple[str, ...]], Question]:
    """Take out what filters one facet or companion variable: those count without their own filter.

    Returns filters by facet, values by variable, and the rest of the question. Facets and
    variables in `taken` are filtered elsewhere already.
    """
    facets: dict[Facet, tuple[str, ...]] = {}
    variables: dict[str, tuple[str, ...]] = {}
    rest: list[Question] = []
    for part in question.parts if isinstance(question, And) else (question,):
        facet = _FACETS.get(part.field) if isinstance(part, AnyOf) else None
        if isinstance(part, AnyOf) and facet and facet not in facets and facet not in taken:
            facets[facet] = part.values
        elif (found := _variable(part)) and found[0] not in {*variables, *taken}:
            variables[found[0]] = found[1]
        else:
            rest.append(part)
    return facets, variables, joined(And, rest)


def asked(question: Question, datasets: Iterable[DatasetFacts]) -> Asked:
    """What tells of an image of these datasets whether it is asked for."""
    return _Compiler({facts.accession: facts for facts in datasets}).of(question)


def hints(question: Question, images: Iterable[ImageFacts]) -> tuple[str, ...]:
    """For values that no image has: the nearest that one has."""
    there = list(images)
    told: list[str] = []
    for condition in conditions(question):
        if not isinstance(condition, AnyOf) or condition.field not in _FACETS:
            continue
        facet = _FACETS[condition.field]
        terms = {term for image in there for term in image.terms(facet)}
        names = {name.casefold(): term.label for term in terms for name in (term.key, term.label)}
        for value in condition.values:
            if value.casefold() in names:
                continue
            close = get_close_matches(value.casefold(), names, n=1, cutoff=0.5)
            close += [name for name in names if value.casefold() in name][:1]
            perhaps = f" Perhaps {names[close[0]]}?" if close else ""
            told.append(f"No image has {condition.field} {value[:60]!r}.{perhaps}")
    return tuple(dict.fromkeys(told))


def _variable(part: Question) -> tuple[str, tuple[str, ...]] | None:
    """A condition on a companion variable in the words of its filter; None for any other."""
    if not isinstance(part, AnyOf | Between) or not part.field.startswith(COMPANION):
        return None
    name = part.field.removeprefix(COMPANION)
    if isinstance(part, AnyOf):
        return name, part.values
    if part.with_high or not part.with_low:
        return None  # no filter says so
    low, high = ("" if end is None else plain(end) for end in (part.low, part.high))
    return name, (f"{low}..{high}",)


class _Compiler:
    """Makes predicates; what many images share is judged once."""

    def __init__(self, datasets: Mapping[str, DatasetFacts]) -> None:
        self._datasets = datasets

    def of(self, question: Question) -> Asked:
        match question:
            case And(parts):
                every = [self.of(part) for part in parts]
                return lambda image: all(holds(image) for holds in every)
            case Or(parts):
                either = [self.of(part) for part in parts]
                return lambda image: any(holds(image) for holds in either)
            case Not(part):
                holds_not = self.of(part)
                return lambda image: not holds_not(image)
            case Words(words):
                return self._words([word.casefold() for word in words])
            case AnyOf(field, values):
                return self._any_of(field, values)
            case Between():
                return self._between(question)

    def _words(self, words: list[str]) -> Asked:
        titles = {
            accession: str(facts.row["title"]).casefold()
            for accession, facts in self._datasets.items()
        }

        def holds(image: ImageFacts) -> bool:
            return all(word in image.words or word in titles[image.dataset] for word in words)

        return holds

    def _any_of(self, field: str, values: tuple[str, ...]) -> Asked:
        wanted = frozenset(value.casefold() for value in values)
        if kind_of(field) is FieldKind.NUMBER:
            numbers = {float(value) for value in values}
            number_of = _NUMBERS[field]
            return lambda image: number_of(image) in numbers
        if field.startswith(COMPANION):
            return self._companion(
                field,
                lambda term: (
                    term.key.casefold() in wanted
                    or term.label.casefold() in wanted
                    or any(_is_number_in(term, value) for value in values)
                ),
            )
        return self._terms(
            field,
            lambda terms: any(
                term.key.casefold() in wanted or term.label.casefold() in wanted for term in terms
            ),
        )

    def _terms(self, field: str, judge: Callable[[_Terms], bool]) -> Asked:
        known: dict[_Terms, bool] = {}
        read = self._reader(field)

        def holds(image: ImageFacts) -> bool:
            terms = read(image)
            if terms not in known:
                known[terms] = judge(terms)
            return known[terms]

        return holds

    def _reader(self, field: str) -> Callable[[ImageFacts], _Terms]:
        if field in _FACETS:
            facet = _FACETS[field]
            return lambda image: image.terms(facet)
        if field == "confirmed":
            return _confirmed
        by_dataset = {
            accession: _of_dataset(facts, field) for accession, facts in self._datasets.items()
        }
        return lambda image: by_dataset[image.dataset]

    def _companion(self, field: str, judge: Callable[[Term], bool]) -> Asked:
        name = field.removeprefix(COMPANION)
        return lambda image: any(map(judge, image.companion.get(name, ())))

    def _between(self, wanted: Between) -> Asked:
        def fits(number: float | None) -> bool:
            if number is None:
                return False
            low, high = wanted.low, wanted.high
            above = low is None or number > low or (wanted.with_low and number == low)
            below = high is None or number < high or (wanted.with_high and number == high)
            return above and below

        if wanted.field.startswith(COMPANION):
            return self._companion(wanted.field, lambda term: fits(_number(term)))
        number_of = _NUMBERS[wanted.field]
        return lambda image: fits(number_of(image))


_NUMBERS: Mapping[str, Callable[[ImageFacts], float | None]] = {
    "mpp": lambda image: image.mpp_x,
    "magnification": lambda image: image.magnification,
    "width": lambda image: image.columns,
    "height": lambda image: image.rows,
}


def _confirmed(image: ImageFacts) -> _Terms:
    return tuple(each.term for each in image.diagnoses if each.qualifier is Qualifier.CONFIRMED)


def _of_dataset(facts: DatasetFacts, field: str) -> _Terms:
    if field == "dataset":
        return (Term(facts.accession, str(facts.row["alias"])),)
    return facts.terms(Facet(field))


def _number(term: Term) -> float | None:
    try:
        return float(term.key)
    except ValueError:
        return None


def _is_number_in(term: Term, value: str) -> bool:
    number = _number(term)
    return number is not None and is_in(number, value)
