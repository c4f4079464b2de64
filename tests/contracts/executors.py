"""What executors hold to: each outcome in its place, nothing lost, nothing carried but names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import executor_tasks as tasks
from bigpicture.model.errors import (
    BigpictureError,
    IntegrityError,
    SandboxError,
    SlideError,
)


class ExecutorContract:
    """Subclasses give `executor`, whose tasks get the folder `here` as their stores."""

    @pytest.fixture
    def here(self):
        raise NotImplementedError

    @pytest.fixture
    def executor(self):
        raise NotImplementedError

    def test_nothing_to_do_is_done(self, executor):
        assert executor.each(tasks.note, []) == []

    def test_each_reference_is_done_once(self, executor, here):
        references = [f"each-{number}" for number in range(20)]
        assert executor.each(tasks.note, references) == [None] * 20
        assert [tasks.times(here, each) for each in references] == [1] * 20

    def test_outcomes_keep_the_order_of_the_references(self, executor):
        outcomes = executor.each(tasks.refuse, ["good", "bad-slide", "fine", "bad-file"])
        assert [type(each) for each in outcomes] == [
            type(None),
            SlideError,
            type(None),
            IntegrityError,
        ]

    def test_an_error_of_ours_travels_whole(self, executor):
        (error,) = executor.each(tasks.refuse, ["bad-slide"])
        assert (error.what, error.place, error.rule, error.remedy) == (
            "bad-slide is cut.",
            "slide.svs",
            "TIFF 6.0",
            "Scan.",
        )

    def test_a_fault_is_told_and_not_its_contents(self, executor):
        (error,) = executor.each(tasks.stumble, ["secret-name"])
        assert type(error) is BigpictureError
        assert "KeyError" in error.what
        assert "secret-name" not in str(error)

    def test_a_parser_that_dies_is_told(self, executor):
        (error,) = executor.each(tasks.die_in_sandbox, ["parser"])
        assert isinstance(error, SandboxError)

    def test_a_reference_named_twice_is_done_once(self, executor, here):
        assert executor.each(tasks.refuse, ["twin", "bad-twin", "twin"])[::2] == [None, None]
        assert tasks.times(here, "twin") == 1

    def test_no_reference_is_worked_on_twice_at_once(self, executor):
        with ThreadPoolExecutor(6) as threads:
            calls = [threads.submit(executor.each, tasks.be_alone, ["alone"]) for _ in range(6)]
            assert [call.result(60) for call in calls] == [[None]] * 6

    def test_who_computes_no_more_lets_the_next_begin(self, executor):
        count = executor.width + 2
        names = [f"kept-{number}-of-{count}" for number in range(count)]
        assert executor.each(tasks.keep_until_all, names) == [None] * count

    def test_no_more_are_done_at_once_than_there_is_width(self, executor, here):
        names = [f"once-{number}" for number in range(4 * executor.width)]
        executor.each(tasks.count_at_once, names)
        seen = [int(line) for line in (here / "at-once.log").read_text().splitlines()]
        assert len(seen) == len(names)
        assert max(seen) <= executor.width

    def test_what_is_over_is_done_again(self, executor, here):
        executor.each(tasks.note, ["again"])
        executor.each(tasks.note, ["again"])
        assert tasks.times(here, "again") == 2

    def test_only_functions_of_a_module_travel(self, executor):
        with pytest.raises(ValueError, match="no function of a module"):
            executor.each(lambda here, reference: None, ["one"])

    def test_only_references_travel(self, executor):
        with pytest.raises(ValueError, match="carries contents"):
            executor.each(tasks.note, ["x" * 10_000])
