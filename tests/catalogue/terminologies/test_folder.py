"""The folder of terminologies: packed or not, what is no terminology, what is broken."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bigpicture.catalogue.hierarchy import load_hierarchy
from bigpicture.model.errors import InputError
from invented_rf2 import NAMES, ROWS, write_rf2

OBO = "[Term]\nid: MADE:1\nname: gut\n\n[Term]\nid: MADE:2\nname: colon\nis_a: MADE:1\n"


def test_files_in_folders_and_zips_are_found(tmp_path: Path) -> None:
    (tmp_path / "loose").mkdir()
    write_rf2(tmp_path / "loose", ROWS, NAMES)
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "made.obo").write_text(OBO)
    (folder / "Readme.txt").write_text("Licence")
    with zipfile.ZipFile(folder / "release.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in (tmp_path / "loose").iterdir():
            archive.write(file, f"SnomedCT/Snapshot/Terminology/{file.name}")

    found = load_hierarchy(folder)

    assert found.ancestors("MADE:2") == ("MADE:1",)
    assert "SNOMED CT:101" in found.ancestors("SNOMED CT:103")


@pytest.mark.parametrize("content", [None, b"x"])
def test_a_folder_without_any_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content:
        (tmp_path / "notes.txt").write_bytes(content)

    with pytest.raises(InputError, match="no terminology in the folder"):
        load_hierarchy(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder") as caught:
        load_hierarchy(tmp_path / "nowhere")

    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("kept", [20, -30])
def test_a_broken_zip_is_refused(tmp_path: Path, kept: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("made.obo", OBO * 50)
    whole = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(whole[:kept])

    with pytest.raises(InputError, match="cannot be read whole") as caught:
        load_hierarchy(tmp_path)

    assert caught.value.place == "a.zip"


def test_a_zip_with_changed_bytes_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("made.obo", OBO)
    file = tmp_path / "a.zip"
    file.write_bytes(file.read_bytes().replace(b"name: gut", b"name: git"))

    with pytest.raises(InputError, match="cannot be read whole") as caught:
        load_hierarchy(tmp_path)

    assert caught.value.place == "a.zip/made.obo"
