"""The documents of a dataset whose slides a node converts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.errors import InputError
from bigpicture.preparation.aliases import Aliases
from bigpicture.preparation.handed import SentSlide, handed_in
from bigpicture.preparation.read import read_tables
from bigpicture.preparation.template import template
from bigpicture.preparation.understand import understand
from bigpicture.standard.check import check, has_errors
from filled_table import fill

NAMES = ("Meier_1.svs", "Meier_2.SVS")
DAY = date(2026, 1, 2)


def digest(number):
    return f"{number:064x}"


@pytest.fixture
def plan(tmp_path):
    place = tmp_path / "t.xlsx"
    place.write_bytes(template())
    fill(
        place,
        [
            {"File": name, "Being": f"P-{number}", "Case": f"C-{number}"}
            for number, name in enumerate(NAMES)
        ],
    )
    understood = understand(read_tables(place))
    assert not understood.has_errors, [each.what for each in understood.findings]
    return understood.plan


@pytest.fixture
def aliases():
    return Aliases(Pseudonyms(b"k" * 32).name)


def sent(*files):
    return [SentSlide(file, 10 + number, digest(number)) for number, file in enumerate(files)]


def test_each_row_lists_its_file_under_a_name_that_tells_nothing(plan, aliases):
    slides = sent("scans/Meier_2.SVS", "scans/Meier_1.svs", "scans/Huber.svs")
    made = handed_in(plan, slides, alias_of=aliases, today=DAY)
    assert set(made.images) == {"scans/Meier_1.svs", "scans/Meier_2.SVS"}
    assert all(path.endswith("/slide.svs") for path in made.images.values())
    study = read_submission(made.documents)
    listed = {each.files[0].filename: each.files[0].sha256 for each in study.images}
    assert listed == {
        made.images["scans/Meier_1.svs"]: digest(1),
        made.images["scans/Meier_2.SVS"]: digest(0),
    }
    assert b"Meier" not in b"".join(made.documents.values())


def test_only_what_the_slides_will_tell_is_left_out(plan, aliases):
    made = handed_in(plan, sent(*NAMES), alias_of=aliases, today=DAY)
    study = read_submission(made.documents)
    by_file = {each.file: each for each in sent(*NAMES)}
    there = {path: (by_file[file].size, by_file[file].sha256) for file, path in made.images.items()}
    found = check(study, there)
    assert not has_errors(found)
    assert {each.rule.rpartition(".")[0] for each in found} == {"6.2"}


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ((NAMES[0],), "is not in the folder"),
        ((f"a/{NAMES[0]}", NAMES[1], f"b/{NAMES[0]}"), "several slides"),
    ],
)
def test_a_row_without_its_one_file_is_named_by_its_cell(plan, aliases, files, what):
    with pytest.raises(InputError, match=what) as raised:
        handed_in(plan, sent(*files), alias_of=aliases, today=DAY)
    assert "slides" in raised.value.place
    assert "Meier" not in str(raised.value)


def test_a_file_without_an_ending_is_refused(plan, aliases):
    named = replace(plan, images=tuple(replace(each, file=each.file[:7]) for each in plan.images))
    with pytest.raises(InputError, match="no ending") as raised:
        handed_in(named, sent("Meier_1", "Meier_2"), alias_of=aliases, today=DAY)
    assert "Meier" not in str(raised.value)
