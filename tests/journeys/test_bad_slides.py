"""Slides that are cut, mixed up, changing or hostile, of every format: refused with a sentence."""

from __future__ import annotations

import os
import re
import socket
import subprocess

import pytest

import hostile
import made_akoya
import made_leica_scn
import made_mirax
import made_ome_tiff
import made_philips_tiff
import made_ventana
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.convert import convert
from bigpicture.model.errors import (
    BigpictureError,
    IntegrityError,
    SandboxError,
    SlideError,
    StorageFullError,
)
from bigpicture.sandbox.run import Limits, Sandbox
from bigpicture.submission.convert import convert_slide
from places import SHARED, shared
from seed_slides import SEEDS, one_of_each, seeds, write_files
from slide_making import allow, subject

PSEUDONYMS = Pseudonyms(bytes(range(32)))
LIMITS = Limits(memory_bytes=1 << 30, seconds=120)
"""What passes them is a SandboxError, which no test here takes for a refusal."""
SECRETS = {"Mustermann", *(secret for seed in SEEDS for secret in seed.secrets)}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


@pytest.fixture
def make(sandbox, tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    def convert(source, name="slide"):
        return convert_slide(source, out / name, pseudonyms=PSEUDONYMS, sandbox=sandbox,
                             limits=LIMITS, mpp=0.5)  # fmt: skip

    return convert


@pytest.fixture
def refused(make, tmp_path):
    def convert(source):
        """The error, after looking at what it says and what it left behind."""
        with pytest.raises(BigpictureError) as caught:
            make(source)
        check(caught.value)
        assert list((tmp_path / "out").iterdir()) == []
        return caught.value

    return convert


def check(error):
    """It says what, where, and by which rule or with which remedy, and repeats no identifier."""
    assert isinstance(error, (SlideError, IntegrityError)), repr(error)
    assert not isinstance(error, SandboxError)
    assert error.what
    assert error.place
    assert not any(secret in str(error) for secret in SECRETS), str(error)
    if isinstance(error, SlideError):
        assert error.rule or error.remedy, str(error)


def seed_of(name):
    return next(seed for seed in SEEDS if seed.name == name)


def place(seed, folder):
    """Write a seed's files; returns the slide's path."""
    folder.mkdir(parents=True, exist_ok=True)
    write_files(folder, seed.files(folder.with_name(f"{folder.name}-made")))
    return folder / seed.file


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("ImageID = ", "ImageID   ", "Aperio.ImageID with more behind it"),
        ("ImageID = ", "XmageID   ", "Aperio.XmageID   #,"),
        ("Title = ", "Title   ", "Aperio.Title with more behind it"),
        ("ImageID = ", "XmageID = ", "Aperio.XmageID,"),
    ],
)
def test_a_value_run_into_its_name_is_not_told(refused, old, new, told, tmp_path):
    """The sign of equality is damaged, so that the value is a part of the name."""
    path = place(seed_of("svs"), tmp_path / "slide")
    path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))
    assert told in refused(path).what


@pytest.mark.parametrize("seed", one_of_each(), ids=lambda seed: seed.format)
def test_a_slide_cut_at_every_sixteenth_is_refused_unless_no_pixel_is_lost(make, seed, tmp_path):
    path = place(seed, tmp_path / "slide")
    whole = make(path, "whole").report
    # Of several files the largest: it holds the pixels.
    largest = max((each for each in path.parent.rglob("*") if each.is_file()), key=_size)
    data = largest.read_bytes()
    for part in range(16):
        largest.write_bytes(data[: len(data) * part // 16])
        try:
            report = make(path, f"part-{part}").report
        except BigpictureError as error:
            check(error)
            assert not (tmp_path / "out" / f"part-{part}").exists()
        else:
            assert report.pixels_root == whole.pixels_root, part
    assert not list((tmp_path / "out").glob(".*"))


def _size(path):
    return path.stat().st_size


@pytest.mark.parametrize("ending", [".svs", ".ndpi", ".ndpis", ".mrxs", ".vms", ".dcm", ".jpg"])
@pytest.mark.parametrize("name", ["svs", "scn", "dicom native", "photo png"])
def test_a_wrong_ending_changes_nothing_or_is_refused(make, name, ending, tmp_path):
    path = place(seed_of(name), tmp_path / "slide")
    path = path.rename(path.with_suffix(ending))
    try:
        assert make(path).report.format == seed_of(name).format
    except BigpictureError as error:
        check(error)


@pytest.mark.parametrize(("name", "lost"), [
    (seed.name, lost)
    for seed in SEEDS
    if seed.name in {"mirax", "vms", "ndpis", "vsi jpeg"}
    for lost in {
        "mirax": ["slide/Slidedat.ini", "slide/Index.dat", "slide/Data0001.dat"],
        "vms": ["slide(1,0).jpg", "slide(0,1).jpg", "slide_map2.jpg", "slide_macro.jpg"],
        "ndpis": ["slide-DAPI.ndpi", "slide-FITC.ndpi"],
        "vsi jpeg": ["_slide_/stack10001/frame_t.ets"],
    }[seed.name]
])  # fmt: skip
def test_a_missing_companion_is_told(refused, name, lost, tmp_path):
    path = place(seed_of(name), tmp_path / "slide")
    (path.parent / lost).unlink()
    error = refused(path)
    assert "missing" in error.what
    assert error.remedy


@pytest.mark.parametrize("file", ["Index.dat", "Data0000.dat", "Slidedat.ini"])
def test_a_file_of_another_mirax_slide_is_refused(refused, monkeypatch, file, tmp_path):
    path = place(seed_of("mirax"), tmp_path / "slide")
    other = "F" * len(made_mirax.SLIDE_ID)
    monkeypatch.setattr(made_mirax, "SLIDE_ID", other)
    second = place(seed_of("mirax"), tmp_path / "second")
    (path.with_suffix("") / file).write_bytes((second.with_suffix("") / file).read_bytes())
    assert "another slide" in refused(path).what


def test_images_of_a_vms_at_each_others_places_are_refused(refused, tmp_path):
    path = place(seed_of("vms"), tmp_path / "slide")
    one, two = (path.parent / name for name in ("slide.jpg", "slide(1,1).jpg"))
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    refused(path)


CHANGES = {
    "grows": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "shrinks": lambda path: os.truncate(path, path.stat().st_size - 1),
    "is written again": lambda path: os.utime(path, ns=(1, 1)),
    "goes": lambda path: path.unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("name", "file"), [
    ("svs", "slide.svs"), ("dicom native", "slide.dcm"), ("vms", "slide.vms"),
    ("vms", "slide(1,0).jpg"), ("mirax", "slide/Data0001.dat"), ("ndpis", "slide-FITC.ndpi"),
    ("vsi jpeg", "_slide_/stack10001/frame_t.ets"),
])  # fmt: skip
def test_a_file_that_changes_while_it_is_read_is_refused(name, file, change, tmp_path):
    path = place(seed_of(name), tmp_path / "slide")

    def changing(done, total):
        if done == total:
            CHANGES[change](path.parent / file)

    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises((SlideError, IntegrityError), match=r"(changed|shrank) while") as caught:
        convert(path, out, allowed=allow(path), subject=subject(mpp=0.5), progress=changing)
    check(caught.value)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_is_still_being_filled_is_refused(tmp_path):
    path = place(seed_of("dicom levels"), tmp_path / "slide")
    out = tmp_path / "out"
    out.mkdir()

    def arriving(done, total):
        (path.parent / "level-2.dcm").write_bytes(b"")

    given = {"allowed": allow(path.parent), "subject": subject()}
    with pytest.raises(SlideError, match="came or went while the folder was read") as caught:
        convert(path.parent, out, progress=arriving, **given)
    check(caught.value)
    assert list(out.iterdir()) == []


def test_a_full_disk_is_told_and_left_as_it_was(make, sandbox, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs a disk to fill, and none may be mounted here: {done.stderr.strip()}")
    try:
        path = place(seed_of("qptiff"), tmp_path / "slide")
        with pytest.raises(StorageFullError) as caught:
            convert_slide(path, disk / "slide", pseudonyms=PSEUDONYMS, sandbox=sandbox)
        assert caught.value.remedy
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


NAMES = {
    "a folder above": "../Mustermann.dat",
    "above, as Windows writes it": "..\\Mustermann.dat",
    "above, further on": "slide/../../Mustermann.dat",
    "an absolute path": "/etc/passwd",
    "a drive": "C:\\Mustermann.dat",
    "a drive's own folder": "C:Mustermann.dat",
    "a share": "\\\\server\\Mustermann\\x.dat",
    "a zero byte": "Mustermann\0.dat",
    "from right to left": "Mustermann\u202etad.exe",
    "an ending that is a person's name": "S-2019.Mustermann",
    "300 bytes": "Mustermann" * 30,
    "itself": ".",
    "a device": "/dev/zero",
}
NAMING = {
    "vms": ("slide.vms", r"(?m)^(MapFile)=.*$"),
    "ndpis": ("slide.ndpis", r"(?m)^(Image1)=.*$"),
    "mirax": ("slide/Slidedat.ini", r"(?m)^(FILE_1)\s*=.*$"),
}


@pytest.mark.parametrize("told", NAMES)
@pytest.mark.parametrize("name", NAMING)
def test_a_companion_of_a_strange_name_is_refused(refused, name, told, tmp_path):
    path = place(seed_of(name), tmp_path / "slide")
    (tmp_path / "Mustermann.dat").write_bytes(b"not of this slide")
    file, pattern = NAMING[name]
    text = (path.parent / file).read_text("utf-8-sig")
    text, count = re.subn(pattern, lambda found: f"{found[1]} = {NAMES[told]}\r", text)
    assert count == 1
    (path.parent / file).write_text(text, "utf-8", newline="")
    refused(path)


@pytest.mark.parametrize(("name", "file"), [
    ("vms", "slide(1,0).jpg"), ("ndpis", "slide-FITC.ndpi"), ("mirax", "slide/Data0001.dat"),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_companion_that_is_no_file_of_its_own_is_refused(refused, name, file, kind, tmp_path):
    path = place(seed_of(name), tmp_path / "slide")
    companion = path.parent / file
    if kind == "pipe":
        companion.unlink()
        os.mkfifo(companion)
    else:
        outside = companion.rename(tmp_path / "Mustermann.dat")
        companion.symlink_to(outside)
    refused(path)


def test_a_pipe_in_the_place_of_a_mirax_folder_is_refused(refused, tmp_path):
    path = place(seed_of("mirax"), tmp_path / "slide")
    path.with_suffix("").rename(tmp_path / "elsewhere")
    os.mkfifo(path.with_suffix(""))
    assert "regular file" in refused(path).what


def test_a_mirax_folder_that_lies_elsewhere_is_refused_or_is_read(make, tmp_path):
    """The one who converts may link a folder; whatever it holds is judged as ever."""
    path = place(seed_of("mirax"), tmp_path / "slide")
    home = path.with_suffix("")
    home.rename(tmp_path / "elsewhere")
    home.symlink_to(tmp_path / "elsewhere")
    try:
        make(path)
    except BigpictureError as error:
        check(error)


@pytest.mark.parametrize("kind", ["pipe", "device", "link to nothing", "link to a pipe", "socket"])
def test_what_is_no_regular_file_is_refused(refused, kind, tmp_path):
    path = tmp_path / "slide.svs"
    if kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "link to nothing":
        path.symlink_to(tmp_path / "nothing")
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(str(path))
    else:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        path.symlink_to(pipe) if kind == "link to a pipe" else pipe.rename(path)
    refused(path)


@pytest.mark.parametrize(
    "stem", ["a\u202esvs", "a\nb", "C:x", "..x", "-x", "e\u0301", "\u05d0" * 80]
)
def test_a_slide_of_a_strange_name_is_converted_under_its_pseudonym(make, stem, tmp_path):
    seed = seed_of("svs")
    path = place(seed, tmp_path / "slide")
    path = path.rename(path.with_name(f"{stem}.svs"))
    report = make(path).report
    assert stem not in report.told()


@pytest.mark.parametrize("kind", hostile.FILES)
def test_a_hostile_file_is_refused_within_its_limits(refused, kind, tmp_path):
    name, made = hostile.FILES[kind]
    path = tmp_path / name
    path.write_bytes(made())
    refused(path)


@pytest.mark.parametrize("kind", hostile.XML)
@pytest.mark.parametrize("vendor", ["scn", "philips", "bif", "qptiff", "ome"])
def test_hostile_xml_of_every_vendor_is_refused(refused, monkeypatch, vendor, kind, tmp_path):
    change = hostile.XML[kind]
    path = tmp_path / "slide.tiff"
    if vendor == "scn":
        made_leica_scn.write_scn(path, xml=change)
    elif vendor == "philips":
        made_philips_tiff.write_philips(path, across=2, down=2, factors=(1,), xml=change)
    elif vendor == "bif":
        made_ventana.write_bif(path, i_scan=change)
    elif vendor == "qptiff":
        describe = made_akoya.describe
        monkeypatch.setattr(made_akoya, "describe", lambda *a, **k: change(describe(*a, **k)))
        made_akoya.write_fluorescence(path, rows=64, columns=64, tile=64, levels=1)
    else:
        document = made_ome_tiff.document
        monkeypatch.setattr(made_ome_tiff, "document", lambda *a, **k: change(document(*a, **k)))
        made_ome_tiff.fluorescence(path, rows=70, columns=90)
    error = refused(path)
    assert "root" not in str(error)


@pytest.mark.parametrize(("name", "head"), [
    ("svs", b""), ("dicom native", b"MZ"), ("dicom native", b"\x7fELF"),
])  # fmt: skip
def test_a_page_or_a_program_hidden_in_a_slide_is_not_carried_on(make, name, head, tmp_path):
    path = place(seed_of(name), tmp_path / "slide")
    data = bytearray(path.read_bytes())
    if head:
        data[:128] = head + b"<script>alert(1)</script>".ljust(128 - len(head), b"\x90")
    else:
        data += b"<html><script>alert(1)</script></html>"
    path.write_bytes(data)
    for instance in make(path).instances:
        made = instance.read_bytes()
        assert made[:128] == bytes(128)
        assert b"<script>" not in made


@pytest.mark.parametrize(
    "name",
    sorted(each.name for each in (SHARED / "testdata/wsi_negative").glob("*.tif*")),
)
def test_published_bad_files_are_refused(make, name, tmp_path):
    path = shared(f"testdata/wsi_negative/{name}")
    try:
        make(path)
    except BigpictureError as error:
        check(error)
        assert list((tmp_path / "out").iterdir()) == []
    else:
        assert re.search("good_single|bad_header2|bad_unicode", name)  # their pixels are whole


def test_every_format_is_among_them():
    assert {seed.format for seed in seeds()} == {seed.format for seed in one_of_each()}
