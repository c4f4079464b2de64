"""Random questions, answered as SQL answers them on the records, whatever happened before."""

from __future__ import annotations

import random
import re
from collections import Counter
from functools import cache, partial

import pytest

from bigpicture.catalogue.catalogue import Catalogue
from bigpicture.catalogue.index import scan as scanning
from bigpicture.catalogue.index.compiled import compiled, prepare
from bigpicture.catalogue.index.lineage import NothingAbove
from bigpicture.catalogue.index.live import Live
from bigpicture.catalogue.index.side_by_side import parted
from bigpicture.model.errors import InputError
from bigpicture.model.query import Asked, Sort
from bigpicture.model.question import And, AnyOf, Between, Not, Or, Words, joined
from bigpicture.model.scope import Scope
from invented_records import (
    COMPOUNDS,
    FINDINGS,
    ORGANS,
    SEVERITIES,
    STAINS,
    STRAINS,
    Invented,
    flat,
)
from migrated import open_migrated

VALUES = {
    "organ": ORGANS,
    "stain": STAINS,
    "diagnosis": FINDINGS,
    "confirmed": FINDINGS,
    "severity": SEVERITIES,
    "species": ("Homo sapiens", "Rattus norvegicus"),
    "strain": STRAINS,
    "sex": ("MALE", "FEMALE"),
    "control": ("CONTROL", "TREATED"),
    "compound": COMPOUNDS,
    "type": ("clinical", "non-clinical"),
    "scanner": ("Invented One", "Invented Two"),
    "annotated": ("yes", "no"),
    "method": ("chemical", "immunostaining"),
    "extraction": ("Biopsy", "Resection"),
}
NUMBERS = {
    "mpp": (0.125, 0.25, 0.5),
    "magnification": (20, 30, 40),
    "width": (1000, 5000),
    "size": (1, 25, 450, 8100),
    "age": (1.5, 3, 20, 40),
    "year": (2020, 2021, 2022),
}
WORDS = ("live", "H&E", "lymph node", "hepatic", "adenom", "scan 0", "collection", "xylophone")
FACETS = (*VALUES, "age")


@pytest.fixture(params=["sqlite", "postgresql"])
def records(request, tmp_path):
    url = f"sqlite:///{tmp_path}/records.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_postgresql_url")()
    opened = open_migrated(url)
    yield opened
    opened.close()


@pytest.fixture
def kernel(records, monkeypatch):
    """The compiled one over SQLite, the plain one over PostgreSQL: all four pairs cost too much."""
    if records.engine.dialect.name == "sqlite":
        prepare().join()
        assert compiled() is not None
        monkeypatch.setattr(scanning, "_FEW", 0)
        # shared among threads, as a question of a million rows is
        monkeypatch.setattr(scanning, "parted", partial(parted, worth=20))


def opened(records, folder, small=60):
    """A catalogue that keeps a file from 60 images on, and makes it anew at every change of 60."""
    catalogue = Catalogue(records, folder, NothingAbove())
    catalogue._live = Live(records, folder, NothingAbove(), small=small)
    return catalogue


class Oracle:
    """SQL on what the records hold, written without a look at how the catalogue answers."""

    def __init__(self, records):
        self.sql = flat(records)
        self.sql.create_function("says", 2, _says)
        self.sql.executescript(
            "CREATE TABLE age AS SELECT image, (SELECT age_start FROM part p WHERE p.image ="
            " q.image AND age_start IS NOT NULL ORDER BY accession LIMIT 1) AS age FROM part q;"
            "UPDATE age SET age = CASE age WHEN 'P3Y' THEN 3 WHEN 'P40Y' THEN 40 WHEN 'P18M' THEN"
            " 1.5 END; CREATE INDEX age_image ON age (image);"
        )

    def found(self, question, scope, order="dataset, ordinal"):
        sql, values = self.where(question)
        marks = ",".join("?" * len(scope))
        asked = (
            f"SELECT accession FROM image WHERE dataset IN ({marks}) AND ({sql}) ORDER BY {order}"
        )
        return [name for (name,) in self.sql.execute(asked, [*scope, *values])]

    def counted(self, question, scope, field):
        sql, values = self.where(question)
        marks = ",".join("?" * len(scope))
        asked = (
            "SELECT value, count(DISTINCT image) FROM has JOIN image ON image = accession"
            f" WHERE field = ? AND value IS NOT NULL AND dataset IN ({marks}) AND ({sql})"
            " GROUP BY value"
        )
        return dict(self.sql.execute(asked, [field, *scope, *values]).fetchall())

    def has_variable(self, scope):
        marks = ",".join("?" * len(scope))
        asked = f"SELECT 1 FROM companion_variables WHERE dataset IN ({marks})"
        return bool(self.sql.execute(asked, scope).fetchone())

    def beings(self, question, scope):
        names = self.found(question, scope)
        marks = ",".join("?" * len(names))
        asked = f"SELECT count(DISTINCT being) FROM part WHERE image IN ({marks})"
        return self.sql.execute(asked, names).fetchone()[0]

    def where(self, question):
        match question:
            case And(parts) | Or(parts):
                word = " AND " if isinstance(question, And) else " OR "
                told = [self.where(part) for part in parts]
                sql = word.join(f"({each})" for each, _ in told) or str(int(word == " AND "))
                return sql, [value for _, values in told for value in values]
            case Not(part):
                sql, values = self.where(part)
                return f"NOT ({sql})", values
            case Words(words):
                one = (
                    "(says(title, ?) OR lower(alias) LIKE lower(?) || '%' OR EXISTS"
                    " (SELECT 1 FROM has WHERE image = accession AND says(value, ?)))"
                )
                return " AND ".join([one] * len(words)), [w for w in words for _ in "123"]
            case AnyOf("dataset", values):
                marks = ",".join("?" * len(values))
                return f"dataset IN ({marks}) OR dataset_alias IN ({marks})", [*values, *values]
            case AnyOf(name, values) if name in VALUES or name.startswith("companion."):
                marks = ",".join("?" * len(values))
                one = f"image = accession AND field = ? AND CAST(value AS TEXT) IN ({marks})"
                return f"EXISTS (SELECT 1 FROM has WHERE {one})", [name, *values]
            case AnyOf(name, values):
                marks = ",".join("?" * len(values))
                return f"coalesce({_number(name)} IN ({marks}), 0)", list(map(float, values))
            case Between(name, low, high, with_low, with_high):
                number = _number(name)
                sql, values = [f"{number} IS NOT NULL"], []
                if low is not None:
                    sql.append(f"{number} >{'=' if with_low else ''} ?")
                    values.append(low)
                if high is not None:
                    sql.append(f"{number} <{'=' if with_high else ''} ?")
                    values.append(high)
                return " AND ".join(sql), values


def _number(name):
    if name == "size":
        return "(width * height / 1e6)"
    if name == "age":
        return "(SELECT age FROM age WHERE image = accession)"
    if name.startswith("companion."):
        return f"(SELECT value FROM has WHERE image = accession AND field = '{name}')"
    return name


@cache
def _says(text, words):
    """Whether the words occur, the last from its beginning. SQL asks the same of many rows."""
    pattern = r"\W+".join(map(re.escape, re.findall(r"\w+", words)))
    return bool(re.search(rf"(?<!\w){pattern}", str(text), re.IGNORECASE))


def leaf(chance):
    kind = chance.randrange(6)
    if kind == 0:
        return Words((chance.choice(WORDS),))
    if kind in (1, 2):
        name = chance.choice(list(VALUES))
        return AnyOf(name, tuple(chance.sample(VALUES[name], chance.choice((1, 2)))))
    if kind == 3:
        return AnyOf("dataset", (chance.choice(("set-1", "set-2", "set-4", "nothing")), "set-3"))
    if kind == 4:
        choices = (
            ("magnification", ("40",)),
            ("mpp", ("0.25", "0.5")),
            ("companion.dose_group", ("1", "3")),
            ("year", ("2021",)),
        )
        return AnyOf(*chance.choice(choices))
    name = chance.choice(list(NUMBERS))
    low, high = (chance.choice((None, *NUMBERS[name])) for _ in "12")
    return Between(name, low, high, chance.random() < 0.5, chance.random() < 0.5)


def tree(chance, depth=0):
    kind = chance.random()
    if depth > 3 or kind < 0.3:
        return leaf(chance)
    if kind < 0.42:
        return Not(tree(chance, depth + 1))
    parts = [tree(chance, depth + 1) for _ in range(chance.choice((2, 2, 3)))]
    return joined(And if kind < 0.8 else Or, parts)


def without_own(question, field):
    """The question without what asks of this one field at its top (the first that does)."""
    parts = list(question.parts if isinstance(question, And) else (question,))
    for part in parts:
        inner = part.parts if isinstance(part, Or) else (part,)
        if inner and all(
            isinstance(each, AnyOf | Between) and each.field == field for each in inner
        ):
            parts.remove(part)
            break
    return And(tuple(parts))


def compare(catalogue, oracle, datasets, seed, times):
    """So many random questions within random scopes; returns how many images they found."""
    chance = random.Random(seed)
    sizes = []
    for _ in range(times):
        question = tree(chance)
        scope = chance.sample(datasets, chance.randint(1, len(datasets)))
        inside = Scope(opened=frozenset(scope))
        asked = Asked(question, facets=FACETS, limit=chance.choice((7, 50, 500)))
        if "companion." in repr(question) and not oracle.has_variable(scope):
            with pytest.raises(InputError, match="is no variable"):
                catalogue.find(asked, inside)
            continue
        found = catalogue.find(asked, inside)
        expected = oracle.found(question, scope)
        assert found.understood == (), question
        assert [each.accession for each in found.items] == expected[: asked.limit], question
        assert found.total == len(expected), question
        assert found.beings == oracle.beings(question, scope), question
        for field in chance.sample(list(VALUES), 4):
            told = Counter()
            for each in found.facets[field]:
                key = each.term.key.removeprefix("S:")
                told[each.term.label if each.term.key.startswith("S:") else key] += each.count
            others = without_own(question, field)
            assert told == oracle.counted(others, scope, field), (question, field)
        sizes.append(len(expected))
    return sizes


def test_500_questions_are_answered_as_sql_answers_them(records, tmp_path, kernel):
    """Before and after inserts, changes, deletes, erasures and compaction."""
    invented = Invented(records)
    datasets = [invented.publish(number) for number in range(1, 6)]
    catalogue = opened(records, tmp_path / "cache")
    sizes = compare(catalogue, Oracle(records), datasets, 1, 100)

    datasets.append(invented.publish(6))  # beside the file
    sizes += compare(catalogue, Oracle(records), datasets, 2, 100)

    invented.republish(datasets[1], 2)  # dead in the file, alive beside it
    invented.withdraw(datasets.pop(0))
    sizes += compare(catalogue, Oracle(records), datasets, 3, 100)

    gone = catalogue.find(Asked(), Scope(opened=frozenset(datasets))).items[3].accession
    invented.erase(gone)
    catalogue.find(Asked(), Scope())
    catalogue.settle()  # compacted: all in one file
    assert len(catalogue._live.view().layers) == 1
    sizes += compare(catalogue, Oracle(records), datasets, 4, 100)

    again = opened(records, tmp_path / "cache")  # a further process maps the file
    sizes += compare(again, Oracle(records), datasets, 5, 100)
    assert 0 in sizes
    assert len(Counter(sizes)) > 50


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.DATASET, "dataset, ordinal"),
        (Sort.NEWEST, "published DESC, dataset, ordinal"),
        (Sort.LARGEST, "width * height DESC, dataset, ordinal"),
        (Sort.FINEST, "mpp, dataset, ordinal"),
    ],
)
def test_pages_join_to_the_whole_in_every_order(records, tmp_path, sort, order):
    invented = Invented(records)
    datasets = [invented.publish(number) for number in range(1, 4)]
    catalogue = opened(records, tmp_path / "cache")
    catalogue.prepare()
    datasets.append(invented.publish(4))
    question = Not(AnyOf("organ", ("Liver",)))
    names, after = [], ""
    while after is not None:
        asked = Asked(question, sort=sort, after=after, limit=17)
        found = catalogue.find(asked, Scope(opened=frozenset(datasets)))
        names += [each.accession for each in found.items]
        after = found.next
    assert names == Oracle(records).found(question, datasets, order) != []
