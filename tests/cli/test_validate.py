"""`bigpicture validate`, as a contributor runs it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bigpicture.metaflex.write import write_document
from invented_submission import CONTENTS, submission


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "DATASET_livers"
    contents = {name: write_document(each) for name, each in submission().items()} | CONTENTS
    for path, data in contents.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(data)
    return place


LIGHT = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        heavy = {"numpy", "pydicom", "sqlalchemy", "fastapi", "cryptography", "cv2", "socket"}
        if name.split(".")[0] in heavy - {"socket"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
import socket
def refuse(*_, **__):
    raise AssertionError("the network was touched")
socket.socket.connect = refuse
from bigpicture.cli import run
sys.argv = ["bigpicture", *sys.argv[1:]]
run()
"""


def validate(*arguments):
    """Run the command where only the light install is there, and no network."""
    return subprocess.run(
        [sys.executable, "-c", LIGHT, "validate", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "160", "PATH": ""},
    )


def test_a_sound_folder_may_go(folder):
    done = validate(folder)
    assert done.returncode == 0, done.stderr
    assert "can be submitted" in done.stdout
    assert done.stderr == ""


def test_a_damaged_folder_may_not_and_the_table_says_why(folder):
    (folder / "IMAGES/IMAGE_image-1/level-0.dcm").write_bytes(b"other pixels")
    done = validate(folder)
    assert done.returncode == 1
    for words in ("METADATA/image.xml", "BP-checksum", "image image-1", "cannot be submitted"):
        assert words in done.stdout


def test_json_is_for_programs(folder):
    (folder / "METADATA/observation.xml").write_bytes(b"<OBSERVATION_SET>\n<OBSERVATION")
    done = validate(folder, "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["can_be_submitted"] is False
    [error] = [each for each in answer["findings"] if each["severity"] == "error"]
    assert (error["file"], error["line"], error["rule"]) == ("METADATA/observation.xml", 2, "XML")
    assert error["remedy"]


def test_no_folder_is_one_readable_line(tmp_path):
    done = validate(tmp_path / "absent")
    assert done.returncode == 1
    assert "no such folder" in done.stderr
    assert "Traceback" not in done.stderr


def spoil(folder, name, *changes):
    """Change words of a document."""
    place = folder / name
    text = place.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    place.write_text(text, encoding="utf-8")


def test_findings_as_a_page(folder):
    spoil(folder, "METADATA/sample.xml", ("Female", "<![CDATA[<script>alert(1)</script>]]>"))
    done = validate(folder, "--html")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("<!doctype html>")
    assert "2.3.1" in done.stdout
    assert "<script" not in done.stdout
    assert "&lt;script&gt;" in done.stdout


def test_findings_as_sarif(folder):
    spoil(folder, "METADATA/sample.xml", ("<VALUE>Female</VALUE>", "<VALUE>woman</VALUE>"))
    done = validate(folder, "--sarif")
    [result] = json.loads(done.stdout)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("2.3.1", "warning")


def test_one_answer_at_a_time(folder):
    done = validate(folder, "--sarif", "--json")
    assert done.returncode == 1
    assert "exclude each other" in done.stderr


def test_fix_mends_in_place_and_says_what(folder):
    spoil(folder, "METADATA/sample.xml", ("SNOMED CT", "snomed-ct"))
    spoil(folder, "METADATA/dataset.xml", ('<IMAGE_REF alias="image-1"/>', ""))
    spoil(folder, "LANDING_PAGE/landing_page.xml", ("Invented livers", "Livers of old"))
    assert "BP-scheme" in validate(folder).stdout
    done = validate(folder, "--fix")
    assert done.returncode == 0, done.stderr
    assert "no findings" in done.stdout
    for told in ("sample.xml: BP-scheme", "dataset.xml: constraint 5", "page.xml: 17.1.3"):
        assert told in done.stderr or told.replace("dataset", "image") in done.stderr
    assert "no findings" in validate(folder).stdout
    assert "Nothing could be mended" in validate(folder, "--fix").stderr
    assert not list(folder.rglob(".*"))


def test_fix_that_cannot_write_leaves_all_as_it_was(folder):
    spoil(folder, "METADATA/sample.xml", ("SNOMED CT", "snomed-ct"))
    before = (folder / "METADATA/sample.xml").read_bytes()
    (folder / "METADATA/.sample.xml.part").mkdir()
    done = validate(folder, "--fix")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert (folder / "METADATA/sample.xml").read_bytes() == before


COMPANION = """\
variable,value,label,type,entity,unit,established,quasi_identifier
specimen,,Specimen,key,specimen,,report,
grade,,Grade,category,,,consensus,no
grade,1,Low,,,,,
grade,2,High,,,,,
"""


def test_a_companion_table_is_checked_offline_by_the_light_install(folder):
    beside = folder / "COMPANIONS"
    beside.mkdir()
    (beside / "grades.dictionary.csv").write_text(COMPANION)
    (beside / "grades.csv").write_text("specimen,grade\nspecimen-1,2\n")
    assert validate(folder).returncode == 0
    (beside / "grades.csv").write_text("specimen,grade\nspecimen-1,3\n")
    done = validate(folder, "--json")
    assert done.returncode == 1
    [finding] = json.loads(done.stdout)["findings"]
    assert finding["rule"] == "BP-companion-category"
    assert (finding["file"], finding["line"]) == ("COMPANIONS/grades.csv", 2)
