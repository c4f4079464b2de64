"""A data manager with three slides and no knowledge of the standard gets to a dataset."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from filled_table import fill
from preloaded import ran
from scanned import scanned

NAMES = ("Meier_1", "Meier_2", "Meier_3")


@pytest.fixture
def site(tmp_path):
    scanned(tmp_path / "slides", NAMES)
    return tmp_path


def bigpicture(site, *words, background=False):
    environment = {**os.environ, "COLUMNS": "200"}
    if not background:
        return ran(*words, cwd=site, env=environment)
    command = [sys.executable, "-m", "bigpicture", *map(str, words)]
    return subprocess.Popen(
        command, cwd=site, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def prepared(site, *more):
    return bigpicture(
        site, "prepare", "slides", "t.xlsx", "--out", "DATASET_colon", "--key", "site.key", *more
    )


def template(site):
    assert bigpicture(site, "prepare", "--template", "t.xlsx", "--slides", "slides").returncode == 0
    fill(
        site / "t.xlsx",
        [
            {"File": f"{name}.svs", "Being": f"P-{number}", "Case": f"C-{number}"}
            for number, name in enumerate(NAMES, start=1)
        ],
    )


def test_three_slides_and_a_filled_template_become_a_dataset_that_can_be_submitted(site):
    template(site)
    made = prepared(site, "--thumbnails", "1")
    assert made.returncode == 0, made.stdout + made.stderr
    assert "bigpicture submit DATASET_colon" in made.stdout
    checked = bigpicture(site, "validate", "DATASET_colon", "--json")
    told = json.loads(checked.stdout)
    assert told["can_be_submitted"]
    assert told["counts"]["error"] == 0
    assert told["entities"]["image"] == told["entities"]["slide"] == 3
    assert len(list((site / "DATASET_colon/LANDING_PAGE/THUMBNAILS").glob("*.jpg"))) == 1

    dataset = b"".join(
        path.name.encode() + path.read_bytes()
        for path in (site / "DATASET_colon").rglob("*")
        if path.is_file()
    )
    for local in ("Meier", "P-1", "C-1", "pathologist 1"):
        assert local.encode() not in dataset
    keys = (site / "colon-1-keys.csv").read_text()
    assert "Meier_1.svs,image," in keys
    assert "P-1,being," in keys


def test_a_second_run_converts_nothing_and_a_further_slide_only_itself(site):
    template(site)
    assert prepared(site).returncode == 0
    before = (site / "DATASET_colon/METADATA/sample.xml").read_bytes()
    again = json.loads(prepared(site, "--json").stdout)
    assert again["dataset"]["converted"] == 0
    assert (site / "DATASET_colon/METADATA/sample.xml").read_bytes() == before
    shutil.copyfile(site / "slides/Meier_1.svs", site / "slides/Huber.svs")
    fill(site / "t.xlsx", [{"File": "Huber.svs", "Being": "P-1", "Case": "C-1"}])
    more = json.loads(prepared(site, "--json").stdout)
    assert more["dataset"]["converted"] == 1
    assert more["planned"]["images"] == 4
    keys = (site / "colon-1-keys.csv").read_text().splitlines()
    assert len([line for line in keys if line.startswith("P-1,being")]) == 1


@pytest.mark.long
def test_a_slide_that_fails_leaves_no_dataset_and_the_others_are_not_done_twice(site):
    template(site)
    whole = (site / "slides/Meier_2.svs").read_bytes()
    (site / "slides/Meier_2.svs").write_bytes(whole[: len(whole) // 2])
    failed = prepared(site)
    assert failed.returncode == 1
    assert "1 of 3 slides" in failed.stderr
    assert not (site / "DATASET_colon").exists()
    (site / "slides/Meier_2.svs").write_bytes(whole)
    mended = json.loads(prepared(site, "--json").stdout)
    assert mended["dataset"] | {"findings": []} == {
        "can_be_submitted": True,
        "converted": 1,
        "findings": [],
    }


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
@pytest.mark.long
def test_an_interrupted_run_shows_nothing_and_goes_on(site):
    template(site)
    running = bigpicture(
        site, "prepare", "slides", "t.xlsx", "--out", "DATASET_colon", "--key", "site.key",
        background=True,
    )  # fmt: skip
    work = site / ".DATASET_colon.work"
    while running.poll() is None and not list(work.glob("IMAGE_*")):
        time.sleep(0.02)  # until the first slide is done
    running.send_signal(signal.SIGINT)
    running.wait(60)
    if running.returncode == 0:
        pytest.skip("it was faster than the signal")
    assert not (site / "DATASET_colon").exists()
    assert not (site / ".DATASET_colon.part").exists()
    told = json.loads(prepared(site, "--json").stdout)
    assert told["dataset"]["can_be_submitted"]
    assert told["dataset"]["converted"] < 3
