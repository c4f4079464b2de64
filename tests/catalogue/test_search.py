import random
from dataclasses import dataclass

import pytest

from bigpicture.catalogue.search import search_datasets
from bigpicture.catalogue.terms import Term
from bigpicture.model.errors import InputError
from bigpicture.model.query import Facet, Query


@dataclass(frozen=True)
class Invented:
    """A dataset of the least that search looks at."""

    accession: str
    row: dict
    values: dict
    words: str = ""

    def terms(self, facet):
        return self.values.get(facet, ())


def term(word):
    return Term(f"S:{word}", word)


def dataset(number, organ, stain, words=""):
    values = {Facet.ORGAN: (term(organ),), Facet.STAIN: (term(stain),)}
    return Invented(f"d{number}", {"seq": 10 - number}, values, words)


DATASETS = (
    dataset(0, "Liver", "H&E"),
    dataset(1, "Liver", "Ki-67"),
    dataset(2, "Lung", "H&E"),
    dataset(3, "Kidney", "H&E"),
)


def ask(datasets=DATASETS, **given):
    filters = {facet: given.pop(facet) for facet in Facet if facet in given}
    return search_datasets(datasets, Query(filters=filters, **given))


def counts(page, facet):
    return {each.term.label: each.count for each in page.facets[facet]}


def test_each_facet_counts_without_its_own_filter():
    page = ask(organ=("Liver",))
    assert [each.accession for each in page.items] == ["d0", "d1"]
    assert counts(page, Facet.ORGAN) == {"Liver": 2, "Lung": 1, "Kidney": 1}
    assert counts(page, Facet.STAIN) == {"H&E": 1, "Ki-67": 1}


def test_values_of_one_facet_add_and_facets_narrow():
    page = ask(organ=("Liver", "Lung"), stain=("H&E",))
    assert [each.accession for each in page.items] == ["d0", "d2"]
    assert page.total == 2
    assert counts(page, Facet.ORGAN) == {"Liver": 1, "Lung": 1, "Kidney": 1}
    assert counts(page, Facet.STAIN) == {"H&E": 2, "Ki-67": 1}


def test_a_value_is_a_key_or_a_label_in_any_case():
    assert ask(organ=("s:liver",)).total == ask(organ=("LIVER",)).total == 2
    assert ask(organ=("Live",)).total == 0


def test_every_word_must_occur():
    datasets = (dataset(0, "Liver", "H&E", "rat liver"), dataset(1, "Liver", "H&E", "rat lung"))
    assert ask(datasets, text="RAT").total == 2
    assert ask(datasets, text="lung rat").total == 1
    assert ask(datasets, text="rat mouse").total == 0


def test_pages_follow_each_other_without_gap_or_repeat():
    seen, after = [], ""
    while True:
        page = ask(after=after, limit=3)
        seen += [each.accession for each in page.items]
        assert page.total == 4
        if page.next is None:
            break
        after = page.next
    assert seen == ["d0", "d1", "d2", "d3"]


@pytest.mark.parametrize(
    "given", [{"limit": 0}, {"limit": 501}, {"after": "nonsense"}, {"after": "a~b"}]
)
def test_what_cannot_be_a_page_is_refused(given):
    with pytest.raises(InputError):
        ask(**given)


def plainly(datasets, query):
    """The answer by its definition, one question a facet."""

    def holds(each, facet):
        values = {value.casefold() for value in query.filters.get(facet, ())}
        return not values or any(t.label.casefold() in values for t in each.terms(facet))

    facets = (Facet.ORGAN, Facet.STAIN, Facet.SPECIES, Facet.DIAGNOSIS)
    found = [each for each in datasets if all(holds(each, facet) for facet in facets)]
    counted = {}
    for facet in facets:
        others = [f for f in facets if f is not facet]
        scope = [each for each in datasets if all(holds(each, other) for other in others)]
        labels = {t.label for each in scope for t in each.terms(facet)}
        counted[facet] = {
            label: sum(label in {t.label for t in each.terms(facet)} for each in scope)
            for label in labels
        }
    return [each.accession for each in found], counted


@pytest.mark.parametrize("seed", range(20))
def test_random_questions_are_answered_as_by_definition(seed):
    chance = random.Random(seed)
    facets = (Facet.ORGAN, Facet.STAIN, Facet.SPECIES, Facet.DIAGNOSIS)
    datasets = tuple(
        Invented(
            f"d{number:03}",
            {"seq": 100 - number},
            {
                facet: tuple(map(term, chance.sample("abcde", chance.randint(0, 3))))
                for facet in facets
            },
        )
        for number in range(80)
    )
    filters = {facet: tuple(chance.sample("abcde", chance.randint(0, 2))) for facet in facets}
    query = Query(filters=filters, limit=500)
    page = search_datasets(datasets, query)
    found, counted = plainly(datasets, query)
    assert [each.accession for each in page.items] == found
    assert {facet: counts(page, facet) for facet in facets} == counted
