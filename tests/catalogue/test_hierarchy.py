"""The hierarchy as a node loads it: our organs, a site's files, the written form."""

from __future__ import annotations

from pathlib import Path

import pytest

from bigpicture.catalogue import hierarchy
from bigpicture.catalogue.hierarchy import load_hierarchy

OBO = """[Term]
id: MONDO:1
name: tumour

[Term]
id: MONDO:2
name: Adenoma
is_a: MONDO:1

[Term]
id: NCIT:C12392
name: Liver
is_a: NCIT:C1

[Term]
id: NCIT:C3000
name: Necrosis
is_a: NCIT:C2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "terms").mkdir()
    (tmp_path / "terms" / "made.obo").write_text(OBO)
    return tmp_path / "terms"


def test_terms_are_found_by_label_code_and_key_in_any_case(folder: Path) -> None:
    found = load_hierarchy(folder)

    assert found.find("ADENOMA") == ("MONDO:2",)
    assert found.find("mondo:2") == found.find("MONDO:2") == ("MONDO:2",)
    assert found.find("adenom") == ()
    assert set(found.find("liver")) == {
        "bigpicture organ:liver", "SNOMED CT:10200004", "SEND:C12392", "SEND:LIVER", "NCIT:C12392",
    }  # fmt: skip


def test_what_images_name_joins_by_scheme_code_and_name(folder: Path) -> None:
    found = load_hierarchy(folder).with_terms(
        {
            "MONDO:MONDO:2": "adenoma",
            "SEND:C3000": "NECROSIS",
            "Other:17": "Liver structure",
            "Other:18": "no organ",
            "MONDO:1": "known already",
        }
    )

    assert found.ancestors("MONDO:MONDO:2") == ("MONDO:2", "MONDO:1")
    assert found.ancestors("SEND:C3000") == ("NCIT:C3000", "NCIT:C2")
    assert found.ancestors("Other:17") == ("bigpicture organ:liver", "bigpicture organ:digestive")
    assert found.ancestors("Other:18") == ()
    assert found.labels["MONDO:1"] == "tumour"
    assert {"MONDO:MONDO:2", "MONDO:2"} < found.descendants("MONDO:1")
    assert "Other:17" in found.descendants("bigpicture organ:digestive")
    assert found.find("other:17") == ("Other:17",)
    again = found.with_terms({"Other:19": "kidney"})
    assert "Other:17" in again.descendants("bigpicture organ:liver")
    assert "Other:19" in again.descendants("bigpicture organ:urinary")


def test_codes_of_send_in_our_tree_stand_under_nci_thesaurus_too(folder: Path) -> None:
    assert load_hierarchy(folder).parents["SEND:C12392"] == (
        "bigpicture organ:liver",
        "NCIT:C12392",
    )


def test_the_written_form_says_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    first = load_hierarchy(folder, cache=cache)
    monkeypatch.setattr(hierarchy, "read_folder", lambda _: pytest.fail("it was read again"))

    second = load_hierarchy(folder, cache=cache)

    assert second.version == first.version
    assert dict(second.parents) == dict(first.parents)
    assert dict(second.labels) == dict(first.labels)
    assert second.find("adenoma") == first.find("adenoma")


def test_changed_files_are_read_anew_and_the_old_form_goes(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = load_hierarchy(folder, cache=cache)
    (folder / "made.obo").write_text(OBO.replace("tumour", "growth"))

    second = load_hierarchy(folder, cache=cache)

    assert second.version != first.version
    assert second.labels["MONDO:1"] == "growth"
    assert first.labels["MONDO:1"] == "tumour", "who has it mapped keeps it"
    assert [each.name for each in (cache / "terms").iterdir()] == [second.version]


@pytest.mark.parametrize("name", ["keys.npy", "above.npy", "code_rows.npy"])
def test_a_written_form_that_is_damaged_is_made_again(
    folder: Path, tmp_path: Path, name: str
) -> None:
    cache = tmp_path / "cache"
    first = load_hierarchy(folder, cache=cache)
    (cache / "terms" / first.version / name).write_bytes(b"\x93NUMPY")

    assert load_hierarchy(folder, cache=cache).ancestors("MONDO:2") == ("MONDO:1",)
    assert len(list((cache / "terms").iterdir())) == 1
