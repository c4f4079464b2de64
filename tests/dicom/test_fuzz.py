"""Damaged slides of every format are read, or refused with a sentence, and nothing else happens."""

from __future__ import annotations

import random

import pytest

import fuzz
import fuzz_tasks
from bigpicture.dicom.open import VENDORS, foreign
from bigpicture.model.errors import SandboxError, SlideError
from bigpicture.sandbox.run import Sandbox
from mutation import CHANGES, mutate
from seed_slides import SEEDS, seeds, write_files

FORMATS = sorted({seed.format for seed in SEEDS})
MUTANTS = 300
"""Of each seed; campaigns run for as long as one likes: `python tests/fuzz.py SECONDS`."""


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=fuzz.PRELOAD) as made:
        yield made


@pytest.fixture(scope="module")
def stock():
    return fuzz.load(seeds())


@pytest.fixture
def campaign(sandbox, stock, tmp_path):
    formats = tuple(each.format for each in seeds())
    return fuzz.Campaign(stock, formats, sandbox, tmp_path, tell=lambda line: None)


def test_every_format_has_a_seed():
    assert sorted(each.format for each in VENDORS if each is not foreign.VENDOR) == FORMATS


@pytest.mark.parametrize("seed", seeds(), ids=lambda seed: seed.name)
def test_an_unharmed_seed_is_read_and_converted(seed, tmp_path):
    files = seed.files(tmp_path / "made")
    write_files(tmp_path / "again", files)
    fuzz_tasks.exercise(tmp_path / "again" / seed.file, tmp_path / "out", 0)
    assert list((tmp_path / "out").iterdir())


def test_a_mutant_is_the_same_for_the_same_number(stock):
    one = [fuzz_tasks.mutant(stock, 0, number) for number in range(50)]
    assert one == [fuzz_tasks.mutant(stock, 0, number) for number in range(50)]
    assert sum(made != stock[0].files for made in one) > 40


@pytest.mark.parametrize("change", CHANGES)
def test_damage_of_every_kind_takes_any_file(change):
    for number in range(200):
        chance = random.Random(number)
        for data in (b"", b"\0", b"II*\0", b"II*\0" + b"\xff" * 20, b"\xff\xd8\xff", b"a=1|b=2"):
            change(chance, bytearray(data), b"other")
    assert mutate(random.Random(1), {"a": b""}, {"b": b""}).keys() == {"a"}


def test_what_is_a_finding():
    secrets = ("Mustermann",)
    assert not fuzz_tasks.complaint(SlideError("the tile is damaged."), secrets)
    assert "repeats" in fuzz_tasks.complaint(SlideError("no slide of Mustermann."), secrets)
    assert "too" in fuzz_tasks.complaint(SlideError("x" * 3000), secrets)
    assert "KeyError" in fuzz_tasks.complaint(KeyError(3), secrets)
    assert "Sandbox" in fuzz_tasks.complaint(SandboxError("gone"), secrets)


def test_a_mutant_that_ends_its_child_is_found_and_passed_over(campaign, monkeypatch):
    """The child answers for the mutants before it and after it."""
    asked = []

    def child(seed, numbers, diary, limits=None):
        asked.append((numbers.start, numbers.stop))
        if 7 in numbers:
            diary.write_text("7")
            raise SandboxError("a child process was ended by SIGSEGV before it answered.")
        return len(numbers), 0, ()

    monkeypatch.setattr(campaign, "_child", child)
    campaign.run(0, range(20))
    assert asked == [(0, 20), (0, 7), (7, 8), (8, 20)]
    assert [(each.number, "SIGSEGV" in each.told) for each in campaign.findings] == [(7, True)]
    assert (campaign.read.total(), campaign.refused.total()) == (19, 1)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", FORMATS)
def test_no_mutant_of_a_format_does_harm(campaign, name):
    for number, seed in enumerate(seeds()):
        if seed.format == name:
            for first in range(0, MUTANTS, fuzz.BATCH):
                campaign.run(number, range(first, first + fuzz.BATCH))
    assert [str(each) for each in campaign.findings] == []
    assert campaign.read[name]
    assert campaign.refused[name]
