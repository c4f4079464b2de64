"""Listed files and the folder's files are the same, byte for byte."""

from __future__ import annotations

import pytest

from bigpicture.metaflex import build
from bigpicture.metaflex.change import with_files
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.finding import Severity
from bigpicture.standard.files import check_files, listed_files
from invented_submission import FILES, image, instead, submission

SLIDE = "IMAGES/IMAGE_image-1/level-0.dcm"


def rules(files, documents=None) -> list[tuple[str, str]]:
    study = read_submission(documents or submission())
    return [(each.rule, each.place.file) for each in check_files(study, files)]


def test_sound():
    assert rules(FILES) == []


def test_a_missing_file():
    files = {path: facts for path, facts in FILES.items() if path != SLIDE}
    assert rules(files) == [("BP-file-missing", "METADATA/image.xml")]


def test_another_checksum():
    assert rules(FILES | {SLIDE: (15, "0" * 64)}) == [("BP-checksum", "METADATA/image.xml")]


def test_an_empty_file():
    assert rules(FILES | {SLIDE: (0, "0" * 64)}) == [("BP-file-empty", "METADATA/image.xml")]


@pytest.mark.parametrize(
    ("path", "rule", "severity"),
    [
        ("IMAGES/IMAGE_image-1/other.dcm", "BP-file-unlisted", Severity.ERROR),
        ("ANNOTATIONS/other.geojson", "BP-file-unlisted", Severity.ERROR),
        ("LANDING_PAGE/notes.txt", "BP-file-unlisted", Severity.ERROR),
        ("IMAGES/.DS_Store", "BP-file-ignored", Severity.WARNING),
        ("README.txt", "BP-file-ignored", Severity.WARNING),
        ("METADATA/notes.xml", "BP-file-ignored", Severity.WARNING),
    ],
)
def test_a_file_nobody_lists(path, rule, severity):
    [finding] = check_files(read_submission(submission()), {**FILES, path: (3, "0" * 64)})
    assert (finding.rule, finding.severity, finding.place.file) == (rule, severity, path)


def test_metadata_themselves_need_no_listing():
    extra = dict.fromkeys([*submission(), "PRIVATE/datacite.xml"], (3, "0" * 64))
    assert rules({**FILES, **extra}) == []


def test_one_file_in_two_objects():
    second = build.entity(
        image_kind := read_submission(submission()).images[0].kind,
        "image-2",
        [*image().children[:-1]],
    )
    assert image_kind == "image"
    found = rules(FILES, instead("METADATA/image.xml", image(), second))
    assert found == [("BP-file-once", "METADATA/image.xml")]


@pytest.mark.parametrize("filename", ["../secret.dcm", "/etc/passwd", "IMAGES/a\u202egnp.dcm"])
def test_a_listed_path_outside_is_never_looked_for(filename):
    documents = submission()
    documents["METADATA/image.xml"] = with_files(
        documents["METADATA/image.xml"], "image-1", [build.FileEntry(filename, "0" * 64)]
    )
    assert ("BP-path", "METADATA/image.xml") in rules(FILES, documents)


def test_bare_names_and_sealed_files_are_found_in_their_own_folder():
    documents = submission()
    entry = build.FileEntry("level-0.dcm", FILES[SLIDE][1], encrypted_sha256="e" * 64)
    documents["METADATA/image.xml"] = with_files(
        documents["METADATA/image.xml"], "image-1", [entry]
    )
    assert rules(FILES, documents) == []
    sealed = {path: facts for path, facts in FILES.items() if path != SLIDE}
    sealed[SLIDE + ".c4gh"] = (99, "e" * 64)
    assert rules(sealed, documents) == []
    assert SLIDE in listed_files(read_submission(documents), FILES)


def test_names_that_differ_in_case_only():
    found = rules({**FILES, SLIDE.upper(): (3, "0" * 64)})
    assert ("BP-path-case", SLIDE) in found or ("BP-path-case", SLIDE.upper()) in found
