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
from bigpicture.model.errors import StorageFullError
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
    assert result.stdout, (result.exception, result.stderr)
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


def _heed_interrupts():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize(
    "how", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.long)]
)
def test_a_run_that_is_stopped_is_continued_by_the_same_command(tmp_path, how):
    sources = [shared(SMALL), shared("testdata/wsi_tiff/girder__grey10kx5k.tif")]
    words = [sys.executable, "-m", "bigpicture.cli", "convert", *map(str, sources)]
    words += ["--out", str(tmp_path / "out"), "--key", str(tmp_path / "key")]
    words[1:3] = ["-c", "from bigpicture.cli import run; run()"]
    process = subprocess.Popen(
        words,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=_heed_interrupts,  # a shell's background jobs, these tests too, start deaf to it
    )
    until = time.monotonic() + 60
    while not list(tmp_path.glob("out/.converting-*/*")) and time.monotonic() < until:
        assert process.poll() is None
    process.send_signal(how)
    _, said = process.communicate(timeout=30)
    assert process.returncode != 0, said
    if how is signal.SIGINT:
        assert b"Interrupted: nothing half-written is left." in said
        assert not list(tmp_path.glob("out/.converting-*"))
    assert all((folder / "report.json").exists() for folder in tmp_path.glob("out/[A-Z2-7]*"))
    done = subprocess.run([*words, "--json"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {each["state"] for each in json.loads(done.stdout)} <= {"converted", "unchanged"}
    assert not list(tmp_path.glob("out/.converting-*"))
    assert len(list(tmp_path.glob("out/*"))) == 2


@pytest.fixture
def folder(tmp_path):
    """A folder of slides whose names identify, one of them damaged, one in a folder below."""
    place = tmp_path / "Mustermann"
    (place / "Erika below").mkdir(parents=True)
    shutil.copy(shared(SMALL), place / "Erika S-1.svs")
    shutil.copy(shared(TIFF), place / "Erika S-2.tiff")
    shutil.copy(shared(UNSCALED), place / "Erika S-3.tif")
    shutil.copy(shared(SMALL), place / "Erika below" / "Erika S-4.svs")
    (place / "Erika S-5.svs").write_bytes(b"II*\0\0\0\0\0")
    return place


def record(tmp_path):
    return json.loads((tmp_path / "out" / "conversion.json").read_text())


def states(tmp_path):
    return [each["state"] for each in record(tmp_path)["slides"]]


def test_a_folder_gets_one_record_that_names_no_source(run, tmp_path, folder):
    result = run(folder, "--recursive")
    assert result.exit_code == 1
    assert states(tmp_path) == ["converted", "converted", "refused", "refused", "converted"]
    told = record(tmp_path)
    assert told["is_finished"]
    assert told["counts"] == {"waiting": 0, "converted": 3, "unchanged": 0, "refused": 2}
    for each in told["slides"]:
        if each["state"] == "converted":
            report = json.loads((tmp_path / "out" / each["report"]).read_text())
            assert each["pixels_root"] == report["pixels_root"]
        else:
            assert each["error"] == "SlideError"
            assert each["what"]
    for name in ("conversion.json", "conversion.html"):
        text = (tmp_path / "out" / name).read_text()
        assert "Erika" not in text
        assert "Mustermann" not in text
        assert "S-3" not in text


def test_the_page_needs_nothing_but_itself(run, tmp_path, folder):
    run(folder)
    page = (tmp_path / "out" / "conversion.html").read_text()
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("data:image/jpeg;base64,") == 2
    assert "Conversion of 4 slides to DICOM" in page
    assert "--mpp" in page


def test_which_slide_is_which_lies_beside_the_key_and_never_among_the_data(run, tmp_path, folder):
    run(folder)
    place = tmp_path / "conversion-sources.csv"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    rows = place.read_text().splitlines()
    images = [each["image"] for each in record(tmp_path)["slides"]]
    assert [row.split(",")[0] for row in rows] == ["pseudonym", *images]
    assert rows[1].split(",")[1] == "Erika S-1.svs"
    run(folder, "--recursive")
    assert len(place.read_text().splitlines()) == len(rows) + 1
    inside = run(folder, "--map", tmp_path / "out" / "map.csv")
    assert inside.exit_code == 1
    assert "travel with them" in str(inside.exception)


def test_only_folders_get_a_record(run, tmp_path):
    run(shared(SMALL))
    assert not list((tmp_path / "out").glob("conversion*"))
    assert not (tmp_path / "conversion-sources.csv").exists()


def test_slides_of_earlier_runs_stay_in_the_record(run, tmp_path, folder):
    run(folder / "Erika below")
    run(folder)
    assert sorted(states(tmp_path)) == ["converted", "converted", "refused", "refused", "unchanged"]


def test_what_was_made_in_a_folder_is_not_converted_again(tmp_path):
    shutil.copy(shared(SMALL), tmp_path / "one.svs")
    words = ["convert", tmp_path, "--out", tmp_path, "--key", tmp_path / "keys" / "key", "-r"]
    for state in ("converted", "unchanged"):
        result = CliRunner().invoke(build("convert"), list(map(str, [*words, "--json"])))
        assert [each["state"] for each in told(result)] == [state]


def test_two_slides_swapped_under_one_name_are_refused_and_nothing_is_lost(run, tmp_path, folder):
    run(folder)
    before = {path: path.read_bytes() for path in (tmp_path / "out").glob("*/*")}
    one, two = folder / "Erika S-1.svs", folder / "Erika S-2.tiff"
    one.rename(tmp_path / "x")
    two.rename(folder / "Erika S-1.tiff")
    (tmp_path / "x").rename(folder / "Erika S-2.svs")
    run(folder)
    slides = record(tmp_path)["slides"]
    assert [each["error"] for each in slides] == ["ConflictError"] * 2 + ["SlideError"] * 2
    assert "another slide of the same name was converted there before" in slides[0]["what"]
    assert {path: path.read_bytes() for path in (tmp_path / "out").glob("*/*")} == before


def test_of_two_slides_of_one_name_the_first_is_converted_whatever_is_done_at_once(
    run, tmp_path, folder
):
    shutil.copy(shared(TIFF), folder / "Erika below" / "Erika S-1.tiff")
    result = run(folder, "-r", "--jobs", "4", "--json")
    by_name = {Path(each["source"]).name: each for each in told(result)}
    assert by_name["Erika S-1.svs"]["state"] == "converted"
    assert by_name["Erika S-1.tiff"]["error"] == "ConflictError"


def test_a_full_disk_stops_the_run_and_keeps_what_is_finished(run, tmp_path, folder, monkeypatch):
    module = sys.modules["bigpicture.cli.convert"]
    convert_slide = module.convert_slide

    def full(source, *arguments, **named):
        if source.name.endswith(".tiff"):
            raise StorageFullError("there is no room left for the converted slide.")
        return convert_slide(source, *arguments, **named)

    monkeypatch.setattr(module, "convert_slide", full)
    result = run(folder)
    assert result.exit_code == 1
    assert "The disk is full: 1 slides are finished and kept, 2 wait" in result.stdout
    assert states(tmp_path) == ["converted", "refused", "waiting", "waiting"]
    assert not record(tmp_path)["is_finished"]
    monkeypatch.undo()
    run(folder)
    assert states(tmp_path) == ["unchanged", "converted", "refused", "refused"]


@pytest.mark.skipif(sys.platform != "linux", reason="names of bytes")
def test_a_name_that_is_no_text_is_refused_in_a_sentence(run, tmp_path, folder):
    shutil.copy(shared(SMALL), os.fsencode(folder) + b"/M\xfcller.svs")
    result = run(folder, "--json")
    refused = next(each for each in told(result) if "ller" in each["source"])
    assert "not text" in refused["what"]
    assert "refused" in states(tmp_path)
    assert run(folder).exit_code == 1


@pytest.mark.long
def test_a_run_that_is_killed_leaves_a_true_record_and_is_continued(tmp_path, folder):
    words = [sys.executable, "-c", "from bigpicture.cli import run; run()", "convert", str(folder)]
    words += ["--out", str(tmp_path / "out"), "--key", str(tmp_path / "key"), "-r"]
    for wanted in (1, 2):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while len(list(tmp_path.glob("out/[A-Z2-7]*/report.json"))) < wanted:
            assert process.poll() is None
            assert time.monotonic() < until
        process.kill()
        process.wait()
        there = {path.parent.name for path in tmp_path.glob("out/[A-Z2-7]*/report.json")}
        slides = record(tmp_path)["slides"]
        done = {each["image"] for each in slides if each["state"] in {"converted", "unchanged"}}
        # The slide under way may have appeared just before the kill, and none that is not there.
        assert done <= there
        assert not record(tmp_path)["is_finished"]
    done = subprocess.run([*words, "--json"], capture_output=True, check=False)
    assert done.returncode == 1
    assert record(tmp_path)["is_finished"]
    assert states(tmp_path).count("refused") == 2
    assert not list(tmp_path.glob("out/.*"))
