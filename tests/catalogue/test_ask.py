"""Random questions, answered as SQLite answers them over the same invented images."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from dataclasses import dataclass, field

import pytest

from bigpicture.catalogue.ask import hints
from bigpicture.catalogue.search import search_images
from bigpicture.catalogue.terms import Diagnosis, Term
from bigpicture.model.inheritance import Qualifier
from bigpicture.model.query import Facet, Query, Target
from bigpicture.model.question import And, AnyOf, Between, Not, Or, Words, joined
from bigpicture.model.question_text import parse_question

ORGANS = ("Liver", "Lung", "Kidney", "Lymph node", "Colon")
STAINS = ("H&E", "PAS", "Ki-67")
FINDINGS = ("Fatty change", "Necrosis", "Adenoma")
ALPHABET = {"organ": ORGANS, "stain": STAINS, "diagnosis": FINDINGS, "confirmed": FINDINGS}
DATASETS = (
    ("d1", "first", "clinical"),
    ("d2", "second", "non-clinical"),
    ("d3", "third", "clinical"),
)


def term(word):
    return Term(f"S:{word}", word)


@dataclass(frozen=True)
class Image:
    accession: str
    dataset: str
    ordinal: int
    organs: tuple
    stain: str
    diagnoses: tuple
    mpp_x: float
    magnification: float | None
    columns: int
    rows: int
    words: str
    companion: dict = field(default_factory=dict)

    def terms(self, facet):
        return {
            Facet.ORGAN: tuple(map(term, self.organs)),
            Facet.STAIN: (term(self.stain),),
            Facet.DIAGNOSIS: tuple(each.term for each in self.diagnoses),
        }.get(facet, ())


@dataclass(frozen=True)
class Dataset:
    accession: str
    images: tuple
    row: dict
    kind: str
    variables: tuple = ()

    def terms(self, facet):
        return (Term(self.kind, self.kind.capitalize()),) if facet is Facet.TYPE else ()


def made(seed, count=300):
    chance = random.Random(seed)
    images = []
    for number in range(count):
        organs = tuple(chance.sample(ORGANS, chance.choice((0, 1, 1, 1, 2))))
        found = {
            each: chance.choice(list(Qualifier))
            for each in chance.sample(FINDINGS, chance.choice((0, 0, 1, 2)))
        }
        diagnoses = tuple(
            Diagnosis(name, "S", name, qualifier) for name, qualifier in found.items()
        )
        stain = chance.choice(STAINS)
        images.append(
            Image(
                f"i{number:04}",
                chance.choice(DATASETS)[0],
                number,
                organs,
                stain,
                diagnoses,
                chance.choice((0.125, 0.25, 0.5, 0.75)),
                chance.choice((None, 20.0, 40.0)),
                chance.choice((1000, 5000, 90000)),
                chance.choice((1000, 5000, 90000)),
                "\n".join((f"i{number:04}", *organs, stain, *found)).casefold(),
            )
        )
    return [
        Dataset(
            name,
            tuple(each for each in images if each.dataset == name),
            {"title": f"The {alias} collection", "alias": alias},
            kind,
        )
        for name, alias, kind in DATASETS
    ]


@pytest.fixture(scope="module")
def answers():
    """The datasets, and what SQLite finds among their images for a condition of ours."""
    datasets = made(7)
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE TABLE image (name, dataset, alias, type, title, stain, mpp, magnification, width,"
        " height, words);"
        "CREATE TABLE has (image, field, value);"
    )
    for dataset in datasets:
        for each in dataset.images:
            connection.execute(
                "INSERT INTO image VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (
                    each.accession,
                    dataset.accession,
                    dataset.row["alias"],
                    dataset.kind,
                    dataset.row["title"].casefold(),
                    each.stain,
                    each.mpp_x,
                    each.magnification,
                    each.columns,
                    each.rows,
                    each.words,
                ),
            )
            rows = [("organ", organ) for organ in each.organs] + [("stain", each.stain)]
            for one in each.diagnoses:
                rows.append(("diagnosis", one.meaning))
                if one.qualifier is Qualifier.CONFIRMED:
                    rows.append(("confirmed", one.meaning))
            connection.executemany(
                "INSERT INTO has VALUES (?,?,?)", [(each.accession, *row) for row in rows]
            )

    def found(sql, values):
        asked = f"SELECT name FROM image WHERE {sql} ORDER BY dataset, name"
        return [name for (name,) in connection.execute(asked, values)]

    def counted(sql, values, facet):
        asked = (
            f"SELECT value, count(*) FROM has JOIN image ON image = name "
            f"WHERE field = ? AND ({sql}) GROUP BY value"
        )
        return dict(connection.execute(asked, (facet, *values)).fetchall())

    return datasets, found, counted


def as_sql(question):
    """The same question in SQL, written without a look at how the catalogue answers it."""
    match question:
        case And(parts) | Or(parts):
            word = " AND " if isinstance(question, And) else " OR "
            told = [as_sql(part) for part in parts]
            sql = word.join(f"({each})" for each, _ in told) or "1"
            return sql, [value for _, values in told for value in values]
        case Not(part):
            sql, values = as_sql(part)
            return f"NOT ({sql})", values
        case Words(words):
            one = "(instr(words, ?) > 0 OR instr(title, ?) > 0)"
            return " AND ".join([one] * len(words)), [w.casefold() for w in words for _ in "12"]
        case AnyOf("dataset", values):
            marks = ",".join("?" * len(values))
            return f"dataset IN ({marks}) OR alias IN ({marks})", [*values, *values]
        case AnyOf("type", values):
            return f"type IN ({','.join('?' * len(values))})", list(values)
        case AnyOf(name, values) if name in ALPHABET:
            marks = ",".join("?" * len(values))
            one = f"image = name AND field = ? AND value IN ({marks})"
            return f"EXISTS (SELECT 1 FROM has WHERE {one})", [name, *values]
        case AnyOf(name, values):
            marks = ",".join("?" * len(values))
            return f"coalesce({name} IN ({marks}), 0)", list(map(float, values))
        case Between(name, low, high, with_low, with_high):
            sql, values = [f"{name} IS NOT NULL"], []
            if low is not None:
                sql.append(f"{name} >{'=' if with_low else ''} ?")
                values.append(low)
            if high is not None:
                sql.append(f"{name} <{'=' if with_high else ''} ?")
                values.append(high)
            return " AND ".join(sql), values


def leaf(chance):
    kind = chance.randrange(5)
    if kind == 0:
        return Words(tuple(chance.sample(("live", "H&E", "lymph node", "second", "i00"), 1)))
    if kind == 1:
        name = chance.choice(list(ALPHABET))
        return AnyOf(name, tuple(chance.sample(ALPHABET[name], chance.choice((1, 2)))))
    if kind == 2:
        return chance.choice(
            (
                AnyOf("dataset", ("d1", "second")),
                AnyOf("type", ("clinical",)),
                AnyOf("dataset", ("x",)),
            )
        )
    if kind == 3:
        return AnyOf(*chance.choice((("magnification", ("40",)), ("mpp", ("0.25", "0.5")))))
    name, ends = chance.choice(
        (("mpp", (0.125, 0.25, 0.5)), ("magnification", (20, 30, 40)), ("width", (1000, 5000)))
    )
    low, high = chance.choice((None, *ends)), chance.choice((None, *ends))
    return Between(name, low, high, chance.random() < 0.5, chance.random() < 0.5)


def tree(chance, depth=0):
    kind = chance.random()
    if depth > 3 or kind < 0.35:
        return leaf(chance)
    if kind < 0.5:
        return Not(tree(chance, depth + 1))
    parts = [tree(chance, depth + 1) for _ in range(chance.choice((2, 2, 3)))]
    return joined(And if kind < 0.8 else Or, parts)


def test_500_questions_are_answered_as_sql_answers_them(answers):
    datasets, found, counted = answers
    chance = random.Random(11)
    sizes = []
    for _ in range(500):
        question = tree(chance)
        page = search_images(datasets, Query(Target.IMAGES, where=question, limit=500))
        sql, values = as_sql(question)
        expected = found(sql, values)
        assert [each.accession for each in page.items] == expected, question
        assert page.total == len(expected)
        sizes.append(len(expected))
        asked_alone = {
            part.field
            for part in (question.parts if isinstance(question, And) else (question,))
            if isinstance(part, AnyOf)
        }
        for facet in {"organ", "stain", "diagnosis"} - asked_alone:
            told = {each.term.label: each.count for each in page.facets[Facet(facet)]}
            assert told == counted(sql, values, facet), (question, facet)
    assert 0 in sizes
    assert len(Counter(sizes)) > 100


def test_what_asks_of_one_facet_counts_there_without_itself(answers):
    datasets, _, counted = answers
    question = parse_question('organ:Liver stain:PAS,"Ki-67" mpp<0.5')
    page = search_images(datasets, Query(Target.IMAGES, where=question))
    for facet, others in (
        ("organ", 'stain:PAS,"Ki-67" mpp<0.5'),
        ("stain", "organ:Liver mpp<0.5"),
        ("diagnosis", 'organ:Liver stain:PAS,"Ki-67" mpp<0.5'),
    ):
        told = {each.term.label: each.count for each in page.facets[Facet(facet)]}
        assert told == counted(*as_sql(parse_question(others)), facet)


def test_a_facet_that_is_asked_for_twice_must_hold_both(answers):
    datasets, found, _ = answers
    question = parse_question("organ:Liver organ:Lung")
    page = search_images(datasets, Query(Target.IMAGES, where=question, limit=500))
    assert [each.accession for each in page.items] == found(*as_sql(question)) != []


def test_pages_join_to_the_whole(answers):
    datasets, found, _ = answers
    question = parse_question("NOT organ:Liver")
    names, after = [], ""
    while after is not None:
        page = search_images(datasets, Query(Target.IMAGES, where=question, after=after, limit=37))
        names += [each.accession for each in page.items]
        after = page.next
    assert names == found(*as_sql(question))


def test_a_value_that_nobody_has_is_answered_with_the_nearest(answers):
    datasets, _, _ = answers
    images = [each for dataset in datasets for each in dataset.images]
    question = parse_question("organ:liver,lymphnode OR stain:HE OR diagnosis:zzzzzz")
    assert hints(question, images) == (
        "No image has organ 'lymphnode'. Perhaps Lymph node?",
        "No image has stain 'HE'. Perhaps H&E?",
        "No image has diagnosis 'zzzzzz'.",
    )
