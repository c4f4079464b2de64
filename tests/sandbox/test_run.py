"""A child may crash, hang, bloat or lie: the parent gets a result or one clean error."""

from __future__ import annotations

import os
import pickle
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

import sandbox_tasks as tasks
from bigpicture.model.errors import LimitError, SandboxError, SlideError
from bigpicture.sandbox import landlock
from bigpicture.sandbox.messages import MESSAGE_BYTES
from bigpicture.sandbox.run import Limits, Protection, Reach, Sandbox, run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that can fork")
SMALL = Limits(memory_bytes=512 << 20, seconds=30)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made


def test_a_result_comes_back_with_the_walls_that_stood(sandbox):
    ran = sandbox.run(pow, 2, 10)
    assert ran.value == 1024
    assert {
        Protection.MEMORY,
        Protection.WALL_TIME,
        Protection.NO_CORE_DUMP,
        Protection.ENVIRONMENT,
    } <= ran.protections


def test_progress_arrives_in_order_and_ends_at_the_total(sandbox):
    seen = []
    sandbox.run(tasks.count, 500, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (500, 500)
    assert seen == sorted(seen)


def test_an_error_of_ours_arrives_as_it_was_raised(sandbox):
    with pytest.raises(SlideError) as caught:
        sandbox.run(tasks.refuse)
    assert (caught.value.place, caught.value.remedy) == ("IFD 0", "Add a rule.")


def test_a_foreign_error_is_told_by_its_kind_and_never_by_its_message(sandbox):
    with pytest.raises(SandboxError, match="ValueError") as caught:
        sandbox.run(tasks.fail_quoting, "Mustermann")
    assert "Mustermann" not in str(caught.value)


@pytest.mark.parametrize(
    ("task", "told"),
    [
        (tasks.crash, "SIGSEGV"),
        (tasks.eat_memory, "memory"),
        (tasks.eat_memory_in_c, "SIG|memory"),
    ],
)
def test_a_crash_or_a_memory_bomb_is_a_clean_error_and_the_next_task_runs(sandbox, task, told):
    with pytest.raises(SandboxError, match=told):
        sandbox.run(task, limits=SMALL)
    assert sandbox.run(pow, 2, 3).value == 8


def test_an_exit_without_an_answer_is_told(sandbox):
    with pytest.raises(SandboxError, match="status 3"):
        sandbox.run(os._exit, 3)


@pytest.mark.parametrize(("task", "arguments"), [(tasks.spin, ()), (time.sleep, (600,))])
def test_a_hang_ends_at_the_wall_clock(sandbox, task, arguments):
    begun = time.monotonic()
    with pytest.raises(SandboxError, match="stopped after"):
        sandbox.run(task, *arguments, limits=Limits(seconds=0.3))
    assert time.monotonic() - begun < 5


def test_no_variable_of_ours_reaches_the_child(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
    monkeypatch.setenv("BIGPICTURE_DATABASE_URL", "postgresql://u:p@h/d")
    with Sandbox() as sandbox:
        found = sandbox.run(tasks.environment).value
    assert not {"AWS_SECRET_ACCESS_KEY", "BIGPICTURE_DATABASE_URL"} & found.keys()
    assert found["HOME"] == "/nonexistent"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_no_file_of_ours_is_open_in_the_child(tmp_path):
    with (tmp_path / "records").open("w") as held, Sandbox() as sandbox:
        os.set_inheritable(held.fileno(), True)
        assert len(sandbox.run(tasks.open_descriptors).value) <= 1  # the answer's own pipe


def test_a_file_longer_than_its_limit_is_refused(sandbox, tmp_path):
    limits = Limits(file_bytes=1 << 20)
    with pytest.raises(LimitError):
        sandbox.run(
            tasks.write_long,
            tmp_path / "long",
            3 << 20,
            limits=limits,
            reach=Reach(writable=(tmp_path,)),
        )


def _needs(sandbox, protection):
    if protection not in sandbox.run(pow, 2, 2, reach=Reach(readable=())).protections:
        pytest.skip(f"this kernel does not let us protect: {protection}")


@pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")
def test_where_the_kernel_has_landlock_files_are_protected(sandbox):
    walls = sandbox.run(pow, 2, 2, reach=Reach(readable=())).protections
    assert {Protection.FILE_READS, Protection.FILE_WRITES, Protection.NO_NEW_RIGHTS} <= walls
    assert Protection.FILE_READS not in sandbox.run(pow, 2, 2).protections


def test_writing_is_possible_only_beneath_the_named_folder(sandbox, tmp_path):
    _needs(sandbox, Protection.FILE_WRITES)
    inside, outside = tmp_path / "out", tmp_path / "elsewhere"
    inside.mkdir()
    outside.mkdir()
    reach = Reach(writable=(inside,))
    assert sandbox.run(tasks.write, inside / "a", reach=reach).value == "x"
    for place in (outside / "a", inside / ".." / "a"):
        with pytest.raises(SandboxError, match="PermissionError"):
            sandbox.run(tasks.write, place, reach=reach)
    assert not list(outside.iterdir())


def test_reading_is_possible_only_in_the_named_places(sandbox, tmp_path):
    _needs(sandbox, Protection.FILE_READS)
    key, slide = tmp_path / "key", tmp_path / "slide"
    key.write_text("secret")
    slide.write_text("pixels")
    reach = Reach(readable=(slide,))
    assert sandbox.run(tasks.read, slide, reach=reach).value == "pixels"
    with pytest.raises(SandboxError, match="PermissionError"):
        sandbox.run(tasks.read, key, reach=reach)


def test_the_child_has_no_network(sandbox):
    _needs(sandbox, Protection.NETWORK)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(SandboxError, match="Error"),
    ):
        sandbox.run(tasks.connect, server.getsockname()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_what_a_child_starts_dies_with_it(sandbox):
    _needs(sandbox, Protection.PROCESSES)
    namespace = sandbox.run(tasks.leave_a_child_behind).value
    until = time.monotonic() + 5
    while _inhabited(namespace) and time.monotonic() < until:
        pass
    assert not _inhabited(namespace)


def _inhabited(namespace):
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str((process / "ns/pid").readlink()) == namespace:
                return True
        except OSError:
            continue
    return False


@pytest.mark.parametrize("task", [tasks.answer_rubbish, tasks.answer_with_code])
def test_an_answer_that_is_no_value_is_refused_before_it_is_built(sandbox, task):
    with pytest.raises(SandboxError, match=r"nonsense|not a value"):
        sandbox.run(task)


def test_an_answer_that_promises_more_than_is_believed_is_refused(sandbox):
    assert MESSAGE_BYTES < 1 << 60
    with pytest.raises(SandboxError, match="nonsense"):
        sandbox.run(tasks.flood, 1 << 16)


def test_what_cannot_be_sent_to_a_child_is_our_own_error(sandbox):
    with pytest.raises((AttributeError, pickle.PicklingError), match="pickle"):
        sandbox.run(lambda: None)
    assert sandbox.run(pow, 2, 3).value == 8


def test_one_call_alone_needs_no_sandbox_made_first():
    assert run(tasks.count, 3, progress=lambda done, total: None) == 3
    assert run(tasks.count, 4, progress=lambda done, total: None) == 4


def test_several_threads_share_one_nursery(sandbox):
    answers = []

    def ask(number):
        answers.append(sandbox.run(pow, number, 2).value)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [number**2 for number in range(8)]


def test_a_nursery_that_was_killed_is_started_again():
    with Sandbox() as sandbox:
        sandbox.run(pow, 2, 2)
        sandbox._nursery.kill()
        sandbox._nursery.wait()
        assert sandbox.run(pow, 2, 5).value == 32


def test_closing_leaves_no_process_and_no_descriptor():
    before = len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
    with Sandbox() as sandbox:
        for _ in range(5):
            sandbox.run(pow, 2, 2)
        nursery = sandbox._nursery
    assert nursery.returncode is not None
    if sys.platform == "linux":
        assert len(list(Path("/proc/self/fd").iterdir())) == before
