"""SNOMED CT's release format: active is-a relations, names without their tags."""

from __future__ import annotations

from pathlib import Path

import pytest

from bigpicture.catalogue.hierarchy import load_hierarchy
from bigpicture.model.errors import InputError
from invented_rf2 import (
    DESCRIPTIONS,
    FULL,
    IS_A,
    NAMES,
    RELATION_HEADING,
    RELATIONS,
    ROWS,
    write_rf2,
)


def test_active_is_a_relations_make_the_tree(tmp_path: Path) -> None:
    write_rf2(tmp_path, ROWS, NAMES)

    found = load_hierarchy(tmp_path)

    assert set(found.parents["SNOMED CT:103"]) == {"SNOMED CT:101", "SNOMED CT:102"}
    assert found.ancestors("SNOMED CT:104") == ("SNOMED CT:101",)
    assert found.descendants("SNOMED CT:102") == {"SNOMED CT:102", "SNOMED CT:103"}
    assert found.labels["SNOMED CT:102"] == 'Growth of "any" kind'
    assert found.labels["SNOMED CT:103"] == "Growth (rare) of gut"
    assert found.find("PAIN") == ("SNOMED CT:104",)


def test_an_extension_adds_to_the_edition(tmp_path: Path) -> None:
    for name in ("edition", "extension"):
        (tmp_path / name).mkdir()
    write_rf2(tmp_path / "edition", ROWS, NAMES)
    write_rf2(tmp_path / "extension", [(105, 103, IS_A, 1)], {105: "Local growth"})

    found = load_hierarchy(tmp_path)

    assert "SNOMED CT:105" in found.descendants("SNOMED CT:102")


def test_other_languages_are_passed_over(tmp_path: Path) -> None:
    write_rf2(tmp_path, ROWS, NAMES)
    file = tmp_path / DESCRIPTIONS
    file.write_text(
        file.read_text(encoding="utf-8")
        + f"9\t20250101\t1\t1\t104\tsv\t{FULL}\tSmärta (fynd)\t1\r\n",
        encoding="utf-8",
        newline="",
    )

    assert load_hierarchy(tmp_path).labels["SNOMED CT:104"] == "Pain"


@pytest.mark.parametrize("lost", [RELATIONS, DESCRIPTIONS])
def test_half_a_release_is_refused(tmp_path: Path, lost: str) -> None:
    write_rf2(tmp_path, ROWS, NAMES)
    (tmp_path / lost).unlink()

    with pytest.raises(InputError, match=r"without its|no Snapshot") as caught:
        load_hierarchy(tmp_path)

    assert "Snapshot" in caught.value.remedy


def test_full_files_are_no_snapshot(tmp_path: Path) -> None:
    (tmp_path / "sct2_Relationship_Full_INT_20250101.txt").write_text(RELATION_HEADING)

    with pytest.raises(InputError, match="no Snapshot"):
        load_hierarchy(tmp_path)


@pytest.mark.parametrize("name", [RELATIONS, DESCRIPTIONS])
def test_a_file_cut_short_is_refused_by_name(tmp_path: Path, name: str) -> None:
    write_rf2(tmp_path, ROWS, NAMES)
    file = tmp_path / name
    file.write_bytes(file.read_bytes()[:-45])

    with pytest.raises(InputError, match="cut short") as caught:
        load_hierarchy(tmp_path)

    assert caught.value.place == name


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 100, b"id\tactive\n1\t1\n", b"\xff\xfe" * 50 + b"\n"]
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    write_rf2(tmp_path, ROWS, NAMES)
    (tmp_path / RELATIONS).write_bytes(content)

    with pytest.raises(InputError, match="no whole table") as caught:
        load_hierarchy(tmp_path)

    assert caught.value.place == RELATIONS


def test_a_circle_is_told_by_its_codes(tmp_path: Path) -> None:
    write_rf2(tmp_path, [*ROWS, (101, 103, IS_A, 1)], NAMES)

    with pytest.raises(InputError, match="SNOMED CT:101 is a SNOMED CT:103 is a") as caught:
        load_hierarchy(tmp_path)

    assert caught.value.place == RELATIONS
