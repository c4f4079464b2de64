"""The slides of a folder are found by name, and what belongs to one is none of its own."""

from __future__ import annotations

from bigpicture.dicom.find import find_slides


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(128) + b"DICM" if name.endswith(".dcm") else b"x")


def found(root, **given):
    return [str(path.relative_to(root)) for path in find_slides(root, **given)]


def test_slides_of_all_vendors_are_found_and_nothing_else(tmp_path):
    touch(tmp_path, "a.svs", "b.TIFF", "c.ndpi", "d.scn", "notes.txt", "e.jpg", ".hidden.svs")
    touch(tmp_path, "series/1.dcm", "series/2.dcm", "deeper/f.svs")
    assert found(tmp_path) == ["a.svs", "b.TIFF", "c.ndpi", "d.scn", "series"]
    assert found(tmp_path, is_recursive=True)[-2:] == ["deeper/f.svs", "series"]


def test_a_folder_that_belongs_to_a_slide_is_not_looked_into(tmp_path):
    touch(tmp_path, "m.mrxs", "m/Slidedat.ini", "m/Data0000.dat", "m/1.dcm", "m/preview.tif")
    assert found(tmp_path, is_recursive=True) == ["m.mrxs"]


def test_a_file_that_belongs_to_a_slide_is_none_of_its_own(tmp_path):
    touch(tmp_path, "set.ndpis", "set-DAPI.ndpi", "set-FITC.ndpi", "other.ndpi")
    assert found(tmp_path) == ["other.ndpi", "set.ndpis"]


def test_the_output_and_links_to_folders_are_passed_over(tmp_path):
    touch(tmp_path, "a.svs", "out/X/level-0.dcm")
    (tmp_path / "again").symlink_to(tmp_path)
    assert found(tmp_path, is_recursive=True, without=tmp_path / "out") == ["a.svs"]
