"""`bigpicture validate` where slides can be read: contradictions are told, `--fix` ends them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from slide_making import convert_all, write_jpeg_tiff
from small_dataset import IMAGE, write_dataset


@pytest.fixture
def dataset(tmp_path):
    write_jpeg_tiff(tmp_path / "slide.tif", rows=900, columns=700)
    convert_all(tmp_path / "slide.tif", tmp_path / "out")
    return write_dataset(tmp_path, slide=tmp_path / "out")


def validate(*arguments):
    return subprocess.run(
        [sys.executable, "-c", "from bigpicture.cli import run; run()", "validate", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def told(dataset, *more):
    done = validate(str(dataset), "--json", *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_fix_writes_what_the_slides_say(dataset):
    before = told(dataset)
    assert before["images_compared_with_their_slides"] == 1
    rules = {each["rule"] for each in before["findings"]}
    assert {"6.2.7.1", "6.2.7.2", "6.2.9.1"} <= rules
    [width] = [each for each in before["findings"] if each["rule"] == "6.2.7.1"]
    assert "4096" in width["what"]
    assert "700" in width["expected"]
    assert width["file"] == "METADATA/image.xml"
    assert width["line"] > 1
    after = told(dataset, "--fix")
    assert [each for each in after["findings"] if each["rule"].startswith("6.2")] == []
    text = (dataset / "METADATA/image.xml").read_text()
    assert "4096" not in text
    assert validate(str(dataset), "--fix").stderr.strip() == "Nothing could be mended without you."


def test_a_hostile_file_is_a_finding(dataset):
    first = min((dataset / IMAGE).glob("*.dcm"))
    first.write_bytes(bytes(128) + b"DICM" + b"\xff" * 1000)
    done = validate(str(dataset), "--json")
    assert done.returncode == 1
    rules = {each["rule"] for each in json.loads(done.stdout)["findings"]}
    assert "BP-header" in rules
    assert "Traceback" not in done.stderr
