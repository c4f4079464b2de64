"""A data manager without POSIX: the commands of a site where Windows' names and rules hold.

No Windows is here to try them on. What is taken away is what `tests/without_posix` names; the node
runs as it always does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from filled_table import fill
from places import REPOSITORY
from posix_only import LOOKED_INTO, missing_modules, missing_names
from running import PASSWORD
from scanned import scanned
from small_dataset import write_dataset

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="takes away what Linux has, by /proc"),
]
SLIDES = ("Meier_1", "Meier_2")


@pytest.fixture(scope="module")
def lacking(tmp_path_factory):
    """The folder that, put first on the path of an interpreter, takes POSIX away from it."""
    folder = tmp_path_factory.mktemp("lacking")
    shutil.copy(REPOSITORY / "tests/without_posix/sitecustomize.py", folder)
    names = {module: sorted(missing_names(module)) for module in LOOKED_INTO}
    told = {"modules": sorted(missing_modules()), "names": names}
    (folder / "names.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


@pytest.fixture
def desk(lacking, tmp_path):
    """Runs commands at it, in a session of their own, with a terminal that has few letters."""

    def run(*words, allowed=(0,), **more):
        done = subprocess.run(
            [sys.executable, "-m", "bigpicture", *map(str, words)],
            cwd=tmp_path,
            env=_environment(lacking, more),
            capture_output=True,
            timeout=280,
            start_new_session=True,
        )
        said = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        assert done.returncode in allowed, "".join(said)
        return said

    return run


def _environment(lacking, more):
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(lacking), str(REPOSITORY / "src"), *sys.path]),
        "PYTHONIOENCODING": "cp1252",
        "COLUMNS": "200",
        **more,
    }


@pytest.fixture
def slides(tmp_path):
    return scanned(tmp_path / "slides", SLIDES)


def files_in(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_taken_away_is_away(lacking, tmp_path):
    """Were it there, every other test here would be worth nothing."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
import bigpicture_asks as asks
"""
    (tmp_path / "bigpicture_asks.py").write_text(
        """
import os, signal, socket, sys, multiprocessing
from pathlib import Path
for name in ("fork", "pread", "writev", "getuid", "geteuid", "killpg", "sysconf", "O_DIRECTORY"):
    assert not hasattr(os, name), name
assert not hasattr(signal, "SIGKILL") and not hasattr(socket, "send_fds")
assert (os.name, sys.platform) == ("nt", "win32")
def refused(error, call, *given):
    try:
        call(*given)
    except error:
        return
    raise AssertionError(call)
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    refused(ModuleNotFoundError, __import__, name, globals())
refused(ValueError, multiprocessing.get_context, "fork")
here = Path(__file__).parent
refused(PermissionError, os.open, here, os.O_RDONLY)
one, two, three = here / "one", here / "two", here / "three"
for each in (one, two, three):
    each.mkdir()
(one / "file").write_bytes(b"x")
refused(FileExistsError, two.rename, three)
refused(PermissionError, two.replace, three)
with (one / "file").open("rb"):
    refused(PermissionError, (one / "file").unlink)
    refused(PermissionError, one.rename, here / "four")
one.rename(here / "four")
""",
        encoding="utf-8",
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=_environment(lacking, {}),
        check=True,
        start_new_session=True,
    )


def test_slides_and_a_table_become_a_dataset_that_is_whole(desk, slides, tmp_path):
    desk("prepare", "--template", "t.xlsx", "--slides", "slides")
    rows = [
        {"File": f"{name}.svs", "Being": f"P-{number}", "Case": f"C-{number}"}
        for number, name in enumerate(SLIDES, start=1)
    ]
    fill(tmp_path / "t.xlsx", rows)
    words = ("prepare", "slides", "t.xlsx", "--out", "DATASET_colon", "--key", "site.key")
    words += ("--thumbnails", "1")
    _, said = desk(*words, "--jobs", "2")
    assert said.count("cannot shut a slide's parser in") == 1
    told = json.loads(desk("validate", "DATASET_colon", "--json")[0])
    assert told["counts"]["error"] == 0
    made = files_in(tmp_path / "DATASET_colon")

    again = json.loads(desk(*words, "--json")[0])
    assert again["dataset"]["converted"] == 0
    assert files_in(tmp_path / "DATASET_colon") == made

    # the same command where nothing was taken away says that the slides are what they should be
    done = subprocess.run(
        [sys.executable, "-m", "bigpicture", *words, "--json"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["dataset"]["converted"] == 0
    assert files_in(tmp_path / "DATASET_colon") == made


def test_slides_are_converted_judged_and_looked_at(desk, slides, tmp_path):
    words = ("convert", "slides", "--out", "out", "--key", "site.key", "--jobs", "2")
    _, said = desk(*words)
    assert said.count("cannot shut a slide's parser in") == 1
    folders = [path for path in (tmp_path / "out").iterdir() if path.is_dir()]
    assert len(folders) == len(SLIDES)
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_file()) == [
        "conversion.html",
        "conversion.json",
    ]
    report = json.loads((folders[0] / "report.json").read_text("utf-8"))
    assert set(report["protections"]) == {"wall time", "environment", "closed files"}
    states = {each["state"] for each in json.loads(desk(*words, "--json")[0])}
    assert states == {"unchanged"}

    # 3: a person should look at what may be writing on the glass
    desk("deidentify", "audit", "out", "--json", allowed=(0, 3))
    desk("deidentify", "review", "out")
    desk("slide", "info", "slides/Meier_1.svs", "--json")
    desk("site", "show", "--key", "site.key")
    _, said = desk("site", "init", "--key", "another.key", "--json")
    assert "has the rights of its folder" in " ".join(said.split())


def test_what_a_killed_run_left_is_swept_and_a_living_one_keeps_its_own(
    desk, slides, lacking, tmp_path
):
    words = ["convert", "slides/Meier_1.svs", "--out", "out", "--key", "site.key"]
    running = subprocess.Popen(
        [sys.executable, "-m", "bigpicture", *words],
        cwd=tmp_path,
        env=_environment(lacking, {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + 120
    while not list(tmp_path.glob("out/.converting-*/*")):
        assert time.monotonic() < until
        assert running.poll() is None
        time.sleep(0.01)
    (staging,) = (path for path in tmp_path.glob("out/.converting-*") if path.is_dir())
    running.kill()
    running.wait()
    assert staging.exists()
    desk(*words)
    assert not list(tmp_path.glob("out/.converting-*"))


def test_a_dataset_goes_to_a_node_and_comes_back(desk, node, tmp_path):
    folder = write_dataset(tmp_path, side=700)
    desk(*node.submit_words(folder, tmp_path / "site"), BIGPICTURE_PASSWORD=PASSWORD)
    with node.client() as steward:
        accession = steward.get("/api/v1/datasets").json()["items"][0]["accession"]
    words = ("download", accession, "--node", node.address, "--to", "to", "--json")
    told = json.loads(desk(*words)[0])
    assert told["new"] == told["files"] > 0
    assert json.loads(desk(*words)[0])["kept"] == told["files"]
    assert {path.name for path in (tmp_path / "to").iterdir()} == {f"DATASET_{accession}"}


def test_an_invented_dataset_is_made_and_validated_and_becomes_another_version(desk, tmp_path):
    desk("phantom", "dataset", "clinical", "made", "--slides", "2", "--size", "900x700")
    (folder,) = (path.name for path in tmp_path.glob("made/DATASET_*"))
    told = json.loads(desk("validate", f"made/{folder}", "--json")[0])
    assert told["counts"]["error"] == 0
    desk("metaflex", f"made/{folder}", "--out", "DATASET_3", "--node", "Cancer node", "--drop")
    assert (tmp_path / "DATASET_3/METADATA").is_dir()
    assert "staining" in desk("standard", "staining", "--json")[0]
