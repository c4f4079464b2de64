"""A child may crash, hang, bloat or lie: the parent gets a result or one clean error."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import sandbox_tasks as tasks
from bigpicture.model.errors import LimitError, SandboxError, SlideError
from bigpicture.sandbox import landlock
from bigpicture.sandbox.messages import MESSAGE_BYTES
from bigpicture.sandbox.run import Limits, Protection, Reach, Sandbox, Way, run

SMALL = Limits(memory_bytes=512 << 20, seconds=30)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that can fork")
ALWAYS = {Protection.WALL_TIME, Protection.ENVIRONMENT, Protection.CLOSED_FILES}
WAYS = [pytest.param(Way.FORK, marks=needs_fork), Way.SPAWN]
"""A new interpreter is started on Linux too, with no more walls than there are on Windows."""


@pytest.fixture(scope="module", params=WAYS)
def any_sandbox(request):
    with Sandbox(way=request.param) as made:
        yield made


@pytest.fixture(scope="module")
def sandbox():
    """With the walls that only a child of the nursery has."""
    if not hasattr(os, "fork"):
        pytest.skip("needs a system that can fork")
    with Sandbox() as made:
        yield made


def test_a_result_comes_back_with_the_walls_that_stood(sandbox):
    ran = sandbox.run(pow, 2, 10)
    assert ran.value == 1024
    assert {Protection.MEMORY, Protection.NO_CORE_DUMP} | ALWAYS <= ran.protections


def test_a_spawned_child_claims_no_wall_that_it_has_not():
    with Sandbox(way=Way.SPAWN) as sandbox:
        ran = sandbox.run(pow, 2, 10)
    assert ran.value == 1024
    assert ran.protections == ALWAYS


def test_the_better_way_is_taken_that_the_system_offers(monkeypatch):
    assert Sandbox().way is (Way.FORK if hasattr(os, "fork") else Way.SPAWN)
    monkeypatch.delattr(os, "fork", raising=False)
    with Sandbox() as sandbox:
        assert sandbox.way is Way.SPAWN
        assert sandbox.run(pow, 2, 3).value == 8


def test_progress_arrives_in_order_and_ends_at_the_total(any_sandbox):
    seen = []
    any_sandbox.run(tasks.count, 500, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (500, 500)
    assert seen == sorted(seen)


def test_an_error_of_ours_arrives_as_it_was_raised(any_sandbox):
    with pytest.raises(SlideError) as caught:
        any_sandbox.run(tasks.refuse)
    assert (caught.value.place, caught.value.remedy) == ("IFD 0", "Add a rule.")


def test_a_foreign_error_is_told_by_its_kind_and_never_by_its_message(any_sandbox):
    with pytest.raises(SandboxError, match="ValueError") as caught:
        any_sandbox.run(tasks.fail_quoting, "Mustermann")
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


def test_an_exit_without_an_answer_is_told(any_sandbox):
    with pytest.raises(SandboxError, match="status 3"):
        any_sandbox.run(os._exit, 3)


@pytest.mark.parametrize(("task", "arguments"), [(tasks.spin, ()), (time.sleep, (600,))])
def test_a_hang_ends_at_the_wall_clock(any_sandbox, task, arguments):
    begun = time.monotonic()
    with pytest.raises(SandboxError, match="stopped after"):
        any_sandbox.run(task, *arguments, limits=Limits(seconds=0.3))
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("way", WAYS)
def test_no_variable_of_ours_reaches_the_child(monkeypatch, way):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
    monkeypatch.setenv("BIGPICTURE_DATABASE_URL", "postgresql://u:p@h/d")
    with Sandbox(way=way) as sandbox:
        found = sandbox.run(tasks.environment).value
    assert not {"AWS_SECRET_ACCESS_KEY", "BIGPICTURE_DATABASE_URL"} & found.keys()
    assert found["HOME"] == "/nonexistent"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("way", WAYS)
def test_no_file_of_ours_is_open_in_the_child(tmp_path, way):
    with (tmp_path / "records").open("w") as held, Sandbox(way=way) as sandbox:
        os.set_inheritable(held.fileno(), True)
        found = sandbox.run(tasks.open_descriptors).value
    assert set(found.values()) <= {"pipe", "gone"}  # those of the request and of the answer
    assert len(found) <= 2


@pytest.mark.parametrize("way", WAYS)
def test_what_a_library_prints_is_no_answer(way):
    with Sandbox(way=way) as sandbox:
        assert sandbox.run(tasks.print_rubbish).value == 3


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("way", WAYS)
def test_a_child_ends_with_the_process_that_asked(way, tmp_path):
    """Killed, so that it can end nothing itself."""
    note = tmp_path / "child"
    code = (
        "import sandbox_tasks as tasks; from bigpicture.sandbox.run import Sandbox, Way, Reach;"
        "from pathlib import Path; import sys; place = Path(sys.argv[1]);"
        f"Sandbox(way=Way('{way}')).run(tasks.note_and_sleep, place,"
        " reach=Reach(writable=(place.parent,)))"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(note)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    until = time.monotonic() + 60
    while not note.exists() or not note.read_text():
        assert time.monotonic() < until
        assert parent.poll() is None
        time.sleep(0.01)
    child = note.read_text()
    parent.kill()
    parent.wait()
    until = time.monotonic() + 10
    while _sleeps_on(child) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _sleeps_on(child)


def _sleeps_on(mark):
    """Whether a process of that name is left."""
    for place in Path("/proc").glob("[0-9]*/comm"):
        try:
            if place.read_text().strip() == mark:
                return True
        except OSError:
            continue
    return False


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
def test_an_answer_that_is_no_value_is_refused_before_it_is_built(any_sandbox, task):
    with pytest.raises(SandboxError, match=r"nonsense|not a value"):
        any_sandbox.run(task)


def test_an_answer_that_promises_more_than_is_believed_is_refused(any_sandbox):
    assert MESSAGE_BYTES < 1 << 60
    with pytest.raises(SandboxError, match="nonsense"):
        any_sandbox.run(tasks.flood, 1 << 16)


def test_what_cannot_be_sent_to_a_child_is_our_own_error(any_sandbox):
    with pytest.raises((AttributeError, pickle.PicklingError), match="pickle"):
        any_sandbox.run(lambda: None)
    assert any_sandbox.run(pow, 2, 3).value == 8


def test_one_call_alone_needs_no_sandbox_made_first():
    assert run(tasks.count, 3, progress=lambda done, total: None) == 3
    assert run(tasks.count, 4, progress=lambda done, total: None) == 4


def test_several_threads_share_one_nursery(any_sandbox):
    answers = []

    def ask(number):
        answers.append(any_sandbox.run(pow, number, 2).value)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [number**2 for number in range(8)]


@needs_fork
def test_a_nursery_that_was_killed_is_started_again():
    with Sandbox() as sandbox:
        sandbox.run(pow, 2, 2)
        sandbox._children._nursery.kill()
        sandbox._children._nursery.wait()
        assert sandbox.run(pow, 2, 5).value == 32


@pytest.mark.parametrize("way", WAYS)
def test_closing_ends_a_child_under_way(way, tmp_path):
    sandbox = Sandbox(way=way)
    errors = []

    def ask():
        try:
            sandbox.run(tasks.note_and_sleep, tmp_path / "child", reach=Reach(writable=(tmp_path,)))
        except SandboxError as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    until = time.monotonic() + 60
    while not (tmp_path / "child").exists() and time.monotonic() < until:
        time.sleep(0.01)
    sandbox.close()
    thread.join(20)
    assert len(errors) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_spawned_child_leaves_no_process_thread_or_descriptor():
    descriptors, threads = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
    with Sandbox(way=Way.SPAWN) as sandbox:
        sandbox.run(pow, 2, 2)
        for task in (tasks.flood_for_ever, tasks.leave_the_answer_and_stay):
            with pytest.raises(SandboxError):
                sandbox.run(task, limits=Limits(seconds=1))
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
    assert threading.active_count() == threads


@needs_fork
def test_closing_leaves_no_process_and_no_descriptor():
    before = len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
    with Sandbox() as sandbox:
        for _ in range(5):
            sandbox.run(pow, 2, 2)
        nursery = sandbox._children._nursery
    assert nursery.returncode is not None
    if sys.platform == "linux":
        assert len(list(Path("/proc/self/fd").iterdir())) == before
