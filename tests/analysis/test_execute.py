"""What an algorithm tries, and which wall or check it meets; what it gives comes back checked."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import hostile_algorithm
from bigpicture.analysis.execute import execute, limits_of
from bigpicture.analysis.installed import Installed
from bigpicture.analysis.opening import Opening
from bigpicture.analysis.values import Facet
from bigpicture.analysis.weights import digest_of
from bigpicture.dicom.reader import ArraySlide
from bigpicture.model.algorithm import (
    Algorithm,
    Needs,
    Output,
    OutputKind,
    Resources,
    Weights,
)
from bigpicture.model.errors import AlgorithmError, FailureReason
from bigpicture.sandbox import landlock
from bigpicture.sandbox.limits import FOREIGN, Protection
from bigpicture.sandbox.run import Sandbox, Way

pytestmark = pytest.mark.skipif(
    landlock.version() == 0, reason="code of others runs only behind Landlock"
)
SLIDE = np.full((256, 512, 3), 200, np.uint8)
SMALL = Resources(memory_bytes=256 << 20, seconds=8.0, scratch_bytes=4 << 20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("hostile")
    shutil.copyfile(hostile_algorithm.__file__, made / "tried.py")
    return made


def _algorithm(function, **changed):
    return Algorithm(
        "org.example.tried",
        "1.0.0",
        "Tried",
        "MIT",
        f"tried:{function}",
        (
            Output("mask", OutputKind.MASK, classes=("tissue",)),
            Output("score", OutputKind.FACET, unit="1", range=(0.0, 1.0)),
        ),
        parameters={
            "level": {"type": "integer", "default": 1, "minimum": 0, "maximum": 9},
            "port": {"type": "integer", "default": 0},
            "path": {"type": "string", "default": ""},
        },
        **{"resources": SMALL} | changed,
    )


@pytest.fixture
def run(folder, tmp_path):
    def ran(function, *, mpp=0.5, inputs=None, is_open=False, changed=None, **parameters):
        return execute(
            Installed(_algorithm(function, **changed or {}), folder, is_foreign=True),
            Opening(ArraySlide, (SLIDE, mpp)),
            inputs=inputs,
            parameters=parameters,
            folder=tmp_path,
            is_open=is_open,
        )

    return ran


def _refused(run, function, **given):
    with pytest.raises(AlgorithmError) as caught:
        run(function, **given)
    return caught.value


def test_values_come_back_with_seconds_and_every_wall(run, tmp_path):
    done = run("read_all")
    assert done.values["score"] == Facet(0.5, "1")
    assert done.values["mask"].pixels.shape == (32, 64)
    assert done.values["mask"].pixels.all()
    assert FOREIGN | {Protection.ONE_PROCESS} <= done.walls
    assert set(done.seconds) == {"start", "open", "load", "read", "compute", "write"}
    assert done.seconds["read"] > 0
    assert not list(tmp_path.iterdir())  # its scratch folder is gone


def test_parameters_inputs_and_weights_reach_it(run, folder):
    assert run("told", level=7).values["score"].value == pytest.approx(0.7)
    tissue = {"tissue": run("well").values | {"score": Facet(0.25, "1")}}
    needs = {"needs": (Needs("tissue", "core.tissue"),)}
    assert run("told", inputs=tissue, changed=needs).values["score"].value == 0.25
    (folder / "w.bin").write_bytes(b"\x80weights")
    weights = {"weights": (Weights("w.bin", digest_of(folder / "w.bin")),)}
    assert run("told", changed=weights).values["score"].value == 0.5


R = FailureReason


@pytest.mark.parametrize(
    ("function", "reason", "changed"),
    [
        ("hang", R.HUNG, {"seconds": 0.7}),
        ("spin", R.HUNG, {"seconds": 0.7}),
        ("spin_on_threads", R.HUNG, {"seconds": 2}),
        ("fork_bomb", R.TOO_MANY_PROCESSES, {}),
        ("start_a_program", R.TOO_MANY_PROCESSES, {}),
        ("thread_bomb", R.TOO_MANY_PROCESSES, {}),
        ("eat_memory", R.OUT_OF_MEMORY, {}),
        ("eat_shared_memory", R.CRASHED, {}),
        ("connect_loopback", R.NETWORK, {}),
        ("connect_unix", R.NETWORK, {}),
        ("talk_on_a_pair", R.CRASHED, {}),
        ("fetch", R.NETWORK, {}),
        ("fill_scratch", R.SCRATCH_FULL, {}),
        ("fill_scratch_with_names", R.SCRATCH_FULL, {}),
        ("write_into_itself", R.OUTSIDE_WRITE, {}),
        ("nan_score", R.BAD_OUTPUT, {}),
        ("nan_map", R.BAD_OUTPUT, {}),
        ("wrong_shape", R.BAD_OUTPUT, {}),
        ("too_large", R.BAD_OUTPUT, {}),
        ("claim_a_larger_slide", R.BAD_OUTPUT, {}),
        ("wrong_class", R.BAD_OUTPUT, {}),
        ("objects", R.BAD_OUTPUT, {}),
        ("path_as_name", R.BAD_OUTPUT, {}),
        ("features", R.BAD_OUTPUT, {}),
        ("nothing", R.BAD_OUTPUT, {}),
        ("nearly", R.BAD_OUTPUT, {}),
        ("pickle_bomb", R.BAD_OUTPUT, {}),
        ("answer_by_itself", R.BAD_OUTPUT, {}),
        ("forge", R.BAD_OUTPUT, {}),
        ("forge_a_reason", R.BAD_OUTPUT, {}),
        ("segfault", R.CRASHED, {}),
        ("leave", R.CRASHED, {}),
        ("fail", R.CRASHED, {}),
        ("there_is_none", R.CRASHED, {}),
        ("empty", R.EMPTY_GLASS, {}),
    ],
)
def test_what_is_tried_ends_with_its_reason(run, function, reason, changed, tmp_path):
    resources = replace(SMALL, **changed)
    error = _refused(run, function, changed={"resources": resources})
    assert error.reason is reason, str(error)
    assert not list(tmp_path.iterdir())


def test_after_all_of_that_the_next_one_runs(run):
    assert run("well").values["score"].value == 0.5


@pytest.mark.parametrize("function", ["read_a_file", "read_by_link", "list_a_folder"])
def test_no_other_slide_key_or_system_file_is_read(run, function, tmp_path):
    other = tmp_path / "other.svs"
    other.write_bytes(b"II*\0another slide")
    for place in (other, Path("/etc/passwd"), Path("/proc/1/environ"), Path(__file__)):
        path = place.parent if function == "list_a_folder" else place
        assert _refused(run, function, path=str(path)).reason is R.OUTSIDE_READ


def test_nothing_outside_is_written_changed_or_removed(run, tmp_path):
    place = tmp_path / "kept"
    place.write_text("as it was")
    place.chmod(0o600)
    for function in ("write_a_file", "change_mode", "remove"):
        assert _refused(run, function, path=str(place)).reason is R.OUTSIDE_WRITE
    assert _refused(run, "write_by_link", path=str(tmp_path)).reason is R.OUTSIDE_WRITE
    assert _refused(run, "write_a_file", path=str(tmp_path / "new")).reason is R.OUTSIDE_WRITE
    assert place.read_text() == "as it was"
    assert place.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


def test_a_server_of_this_machine_is_not_reached(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "daemon"))
        made.listen()
        server.settimeout(0)
        made.settimeout(0)
        port = server.getsockname()[1]
        assert _refused(run, "connect_loopback", port=port).reason is R.NETWORK
        assert _refused(run, "connect_unix", path=str(tmp_path / "daemon")).reason is R.NETWORK
        for each in (server, made):
            with pytest.raises(BlockingIOError):
                each.accept()


def test_no_variable_of_the_node_is_seen(run, monkeypatch):
    monkeypatch.setenv("BIGPICTURE_SECRET", "s3cr3t")
    assert run("read_environment").values["score"].value == 0


def test_what_goes_around_python_meets_the_same_walls(run):
    assert run("fork_quietly").values["score"].value == 0
    assert run("trace", port=os.getpid()).values["score"].value == 0


def test_it_kills_nobody(run):
    assert run("kill_others").values["score"].value == 0.5


def test_its_scratch_is_its_own(run):
    assert run("use_scratch").values["score"].value == 0.5


def test_a_message_of_its_own_is_told_only_to_who_may_see_the_slide(run):
    error = _refused(run, "fail")
    assert "Mustermann" not in str(error)
    assert not error.errors
    assert error.place.startswith("tried.py:")
    assert "Mustermann" in _refused(run, "fail", is_open=True).errors[0].what


def test_weights_that_are_not_those_named_are_not_used(run, folder):
    (folder / "w2.bin").write_bytes(b"others")
    wrong = {"weights": (Weights("w2.bin", "0" * 64),)}
    assert _refused(run, "well", changed=wrong).reason is R.WRONG_WEIGHTS
    absent = {"weights": (Weights("absent.bin", "0" * 64),)}
    assert _refused(run, "well", changed=absent).reason is R.WRONG_WEIGHTS
    (folder / "w3.bin").symlink_to("/etc/passwd")
    linked = {"weights": (Weights("w3.bin", digest_of(Path("/etc/passwd"))),)}
    assert _refused(run, "well", changed=linked).reason is R.WRONG_WEIGHTS
    (folder / "w3.bin").unlink()


def test_a_slide_of_another_scale_or_of_none_is_refused(run):
    fine = {"mpp": (0.2, 0.3)}
    assert _refused(run, "well", changed=fine).reason is R.WRONG_MPP
    assert _refused(run, "well", mpp=None, changed=fine).reason is R.NO_MPP
    assert run("well", mpp=0.302, changed=fine).values  # one per cent is the same scale
    assert run("well", mpp=None).values


@pytest.mark.parametrize(
    "parameters", [{"level": 10}, {"level": 1.5}, {"level": True}, {"level": "1"}, {"levels": 1}]
)
def test_a_parameter_that_breaks_its_schema_is_refused(run, parameters):
    assert _refused(run, "well", **parameters).reason is R.BAD_PARAMETERS


def test_a_damaged_slide_is_told_as_one(run, folder, tmp_path):
    (tmp_path / "torn.svs").write_bytes(b"II*\0torn")
    algorithm = Installed(_algorithm("read_all"), folder, is_foreign=True)
    with pytest.raises(AlgorithmError) as caught:
        execute(algorithm, tmp_path / "torn.svs", folder=tmp_path)
    assert caught.value.reason is R.SLIDE_DAMAGED


def test_where_nothing_shuts_it_in_it_is_not_run(monkeypatch, folder):
    with Sandbox(way=Way.SPAWN) as bare:
        monkeypatch.setattr("bigpicture.analysis.execute.kept_sandbox", lambda _: bare)
        with pytest.raises(AlgorithmError) as caught:
            execute(
                Installed(_algorithm("well"), folder, is_foreign=True),
                Opening(ArraySlide, (SLIDE, 0.5)),
            )
    assert caught.value.reason is R.REFUSED_NO_ISOLATION


def test_a_container_image_is_refused_with_its_reason():
    image = {"entry": "", "image": f"node.example/tried@sha256:{'0' * 64}"}
    with pytest.raises(AlgorithmError) as caught:
        execute(
            Installed(replace(_algorithm("well"), **image), is_foreign=True),
            Opening(ArraySlide, (SLIDE, 0.5)),
        )
    assert (caught.value.reason, caught.value.place) == (R.REFUSED_NO_ISOLATION, "image")


def test_limits_follow_the_manifest():
    limits = limits_of(Resources(2, 1 << 30, 60.0, 4, 1 << 20))
    assert (limits.cores, limits.memory_bytes, limits.seconds) == (2, 1 << 30, 60.0)
    assert (limits.scratch_bytes, limits.is_alone) == (1 << 20, False)
    assert sys.platform != "linux" or limits_of(SMALL).is_alone
