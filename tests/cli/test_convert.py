"""`bigpicture convert`, as a person at the keyboard or a script meets it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bigpicture.cli import build
from places import shared

SMALL = "testdata/wsi_svs/openslide__small.svs"
TIFF = "testdata/wsi_tiff/rationai__CMU-1-small.tiff"
UNSCALED = "testdata/wsi_tiff/histolab__kidney-48-5.tif"


@pytest.fixture
def run(tmp_path):
    def convert(*words):
        arguments = ["convert", *map(str, words), "--out", str(tmp_path / "out")]
        return CliRunner().invoke(
            build("convert"), [*arguments, "--key", str(tmp_path / "site.key")]
        )

    return convert


def told(result):
    """The JSON of a run; the bars are on the error stream."""
    return json.loads(result.stdout)


def test_slides_become_folders_with_reports(run, tmp_path):
    result = run(shared(SMALL), shared(TIFF), "--json")
    assert result.exit_code == 0, result.output
    assert [each["state"] for each in told(result)] == ["converted", "converted"]
    for each in told(result):
        assert Path(each["report"]).is_file()
        assert all(Path(path).is_file() for path in each["instances"])
    assert stat.S_IMODE((tmp_path / "site.key").stat().st_mode) == 0o600
    assert not list((tmp_path / "out").glob("*small*"))


def test_a_second_run_converts_nothing_twice(run):
    run(shared(SMALL))
    result = run(shared(SMALL), "--json")
    assert [each["state"] for each in told(result)] == ["unchanged"]
    assert "had been converted before" in run(shared(SMALL)).stdout


def test_one_bad_slide_stops_no_other_and_the_status_tells(run, tmp_path):
    (tmp_path / "broken.svs").write_bytes(b"II*\0\0\0\0\0")
    result = run(tmp_path / "broken.svs", shared(SMALL), tmp_path / "absent.svs", "--jobs", "2")
    assert result.exit_code == 1
    assert "Not converted: broken.svs" in result.stdout
    assert "Not converted: absent.svs" in result.stdout
    assert "there is no such file" in result.stdout
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_an_error_has_its_place_rule_and_remedy_as_json(run):
    result = run(shared(UNSCALED), "--json")
    assert result.exit_code == 1
    (refused,) = told(result)
    assert refused["state"] == "refused"
    assert refused["error"] == "SlideError"
    assert "--mpp" in refused["remedy"]


def test_a_scale_may_be_given(run):
    assert run(shared(UNSCALED), "--mpp", "0.5").exit_code == 0


def test_two_slides_of_one_name_do_not_overwrite_each_other(run, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    shutil.copy(shared(SMALL), tmp_path / "a" / "S-1.svs")
    shutil.copy(shared(TIFF), tmp_path / "b" / "S-1.tiff")
    result = run(tmp_path / "a" / "S-1.svs", tmp_path / "b" / "S-1.tiff")
    assert result.exit_code == 1
    assert "same name" in result.stdout
    later = run(tmp_path / "b" / "S-1.tiff")
    assert later.exit_code == 1
    assert "same name" in later.stdout


def test_a_folder_stands_for_its_slides(run, tmp_path):
    (tmp_path / "in").mkdir()
    shutil.copy(shared(SMALL), tmp_path / "in" / "one.svs")
    shutil.copy(shared(TIFF), tmp_path / "in" / "two.tiff")
    (tmp_path / "in" / "notes.txt").write_text("not a slide")
    assert len(told(run(tmp_path / "in", "--json"))) == 2


def test_a_folder_without_slides_is_told(run, tmp_path):
    (tmp_path / "empty").mkdir()
    result = run(tmp_path / "empty")
    assert result.exit_code == 1
    assert "holds no slides" in str(result.exception)


@pytest.mark.parametrize(
    "name", ["[bold]x.svs", "-rf.svs", "Müller \u202egpj.svs", "a" * 200 + ".svs", "new\nline.svs"]
)
def test_a_strange_name_is_a_name_and_never_reaches_the_output(run, tmp_path, name):
    source = tmp_path / name
    shutil.copy(shared(SMALL), source)
    result = run(source, "--json")
    assert result.exit_code == 0, result.output
    (folder,) = (tmp_path / "out").iterdir()
    assert len(folder.name) == 20
    assert folder.name.isalnum()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_or_a_device_is_refused_and_not_waited_for(run, tmp_path):
    os.mkfifo(tmp_path / "pipe.svs")
    result = run(tmp_path / "pipe.svs", "/dev/zero")
    assert result.exit_code == 1
    assert result.stdout.count("not a regular file") == 2


def test_the_pseudonyms_of_two_sites_differ(tmp_path):
    folders = []
    for site in ("one", "two"):
        words = [
            "convert",
            shared(SMALL),
            "--out",
            tmp_path / site,
            "--key",
            tmp_path / f"{site}.key",
        ]
        CliRunner().invoke(build("convert"), list(map(str, words)))
        folders += [each.name for each in (tmp_path / site).iterdir()]
    assert len(set(folders)) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_is_continued_by_the_same_command(tmp_path, how):
    sources = [shared(SMALL), shared("testdata/wsi_tiff/girder__grey10kx5k.tif")]
    words = [sys.executable, "-m", "bigpicture.cli", "convert", *map(str, sources)]
    words += ["--out", str(tmp_path / "out"), "--key", str(tmp_path / "key")]
    words[1:3] = ["-c", "from bigpicture.cli import run; run()"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not list(tmp_path.glob("out/.converting-*/*")) and time.monotonic() < until:
        assert process.poll() is None
    process.send_signal(how)
    assert process.wait(30) != 0
    if how is signal.SIGINT:
        assert not list(tmp_path.glob("out/.converting-*"))
    assert all((folder / "report.json").exists() for folder in tmp_path.glob("out/[A-Z2-7]*"))
    done = subprocess.run([*words, "--json"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {each["state"] for each in json.loads(done.stdout)} <= {"converted", "unchanged"}
    assert not list(tmp_path.glob("out/.converting-*"))
    assert len(list(tmp_path.glob("out/*"))) == 2
