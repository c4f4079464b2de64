from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pydicom
import pytest
import simplejpeg
import tifffile
from PIL import Image, ImageCms

from bigpicture.dicom.colour import srgb_profile
from bigpicture.dicom.convert import convert
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.frame_digest import FrameDigest, Kind
from bigpicture.dicom.index import build_index
from bigpicture.dicom.read import read_instance
from bigpicture.dicom.tiles import open_tiles
from bigpicture.dicom.witness import witness_instance
from bigpicture.model.allowance import Action, AllowList
from bigpicture.model.errors import BigpictureError, SlideError
from places import shared
from slide_making import allow, convert_all, pattern, subject, write_jpeg_tiff, write_sparse_tiff

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.90"


def _frames(path) -> list[bytes]:
    with FileSource(path) as source:
        index = build_index(source, read_instance(source))
        return [source.read(*index.frame(number)) for number in range(len(index))]


def test_the_same_source_and_key_give_the_same_bytes(tmp_path):
    write_jpeg_tiff(tmp_path / "slide.tif", rows=2100, columns=2200, tile=256)
    first = convert_all(tmp_path / "slide.tif", tmp_path / "first")
    second = convert_all(tmp_path / "slide.tif", tmp_path / "second")
    assert len(first.instances) == 3
    assert [each.sha256 for each in first.instances] == [each.sha256 for each in second.instances]
    for each in first.instances:
        data = each.path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == each.sha256
        assert len(data) == each.size


@pytest.mark.parametrize(("photometric", "name"), [("ycbcr", "YBR_FULL_422"), ("rgb", "RGB")])
def test_scans_are_copied_byte_for_byte_with_tables_and_colour(tmp_path, photometric, name):
    path = tmp_path / "slide.tif"
    write_jpeg_tiff(path, photometric=photometric)
    conversion = convert_all(path, tmp_path / "out")
    instance = conversion.instances[0]
    assert (instance.transfer_syntax, instance.photometric) == (JPEG_BASELINE, name)
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages[0]
        shapes = zip(page.dataoffsets, page.databytecounts, strict=True)
        data = path.read_bytes()
        tiles = [data[offset : offset + length] for offset, length in shapes]
        wanted = [page.decode(tile, n, jpegtables=page.jpegtables)[0] for n, tile in
                  enumerate(tiles)]  # fmt: skip
    digests = witness_instance(instance.path).frame_digests
    for number, (frame, tile) in enumerate(zip(_frames(instance.path), tiles, strict=True)):
        scan = tile[tile.index(b"\xff\xda") :]
        assert frame.rstrip(b"\0").endswith(scan)
        assert (b"Adobe" in frame) is (photometric == "rgb")
        digest = digests[32 * number : 32 * number + 32]
        assert digest == FrameDigest(Kind.JPEG, page.jpegtables or b"").digest(tile)
        # Another decoder, which knows nothing of TIFF or DICOM, sees the source's colours.
        seen = np.asarray(Image.open(io.BytesIO(frame)).convert("RGB")).astype(int)
        rows, columns = wanted[number].shape[1:3]
        assert np.abs(seen[:rows, :columns] - wanted[number][0].astype(int)).max() <= 2


def test_application_and_comment_segments_do_not_pass(tmp_path):
    path = tmp_path / "slide.tif"
    picture = pattern(128, 128)
    stream = simplejpeg.encode_jpeg(picture, 90, "RGB", "444")
    told = b"\xff\xe1\x00\x08Exif\0\0" + b"\xff\xfe\x00\x0aInvented"
    stream = stream[:2] + told + stream[2:] + b"after the end"
    tifffile.imwrite(
        path, iter([stream]), shape=(128, 128, 3), dtype=np.uint8, tile=(128, 128),
        photometric="ycbcr", compression="jpeg", subsampling=(1, 1), metadata=None,
    )  # fmt: skip
    assert b"Invented" in path.read_bytes()
    conversion = convert_all(path, tmp_path / "out", mpp=0.5)
    written = conversion.instances[0].path.read_bytes()
    assert conversion.frames_copied == 1
    for secret in (b"Invented", b"Exif", b"after the end"):
        assert secret not in written


def test_lossless_sources_stay_lossless(tmp_path):
    path = tmp_path / "slide.tif"
    picture = pattern(200, 300)
    tifffile.imwrite(path, picture, tile=(64, 64), photometric="rgb", compression="lzw",
                     predictor=True)  # fmt: skip
    conversion = convert_all(path, tmp_path / "out", mpp=0.5)
    instance = conversion.instances[0]
    assert instance.transfer_syntax == JPEG_2000_LOSSLESS
    assert (instance.frames_copied, instance.frames_encoded) == (0, 20)
    header = pydicom.dcmread(instance.path, stop_before_pixels=True)
    assert header.LossyImageCompression == "00"
    with FileSource(instance.path) as source:
        assert np.array_equal(open_tiles(source).region(0, 0, 300, 200), picture)


def test_uncompressed_tiles_are_copied(tmp_path):
    path = tmp_path / "slide.tif"
    picture = pattern(130, 190)
    tifffile.imwrite(path, picture, tile=(64, 64), photometric="rgb")
    conversion = convert_all(path, tmp_path / "out", mpp=0.5)
    assert conversion.frames_copied == 9
    dataset = pydicom.dcmread(conversion.instances[0].path)
    assert np.array_equal(dataset.pixel_array[0], picture[:64, :64])


def test_jpeg_2000_frames_are_copied(tmp_path):
    path = tmp_path / "slide.tif"
    picture = pattern(128, 128)
    tifffile.imwrite(path, picture, tile=(64, 64), photometric="rgb", compression=34712)
    conversion = convert_all(path, tmp_path / "out", mpp=0.5)
    assert conversion.frames_copied == 4
    assert conversion.instances[0].photometric == "YBR_RCT"
    with FileSource(conversion.instances[0].path) as source:
        assert np.array_equal(open_tiles(source).region(0, 0, 128, 128), picture)


@pytest.mark.parametrize("rows_per_strip", [7, 64, 700])
def test_strips_are_tiled(tmp_path, rows_per_strip):
    path = tmp_path / "slide.tif"
    picture = pattern(700, 600)
    tifffile.imwrite(path, picture, photometric="rgb", compression="zlib",
                     rowsperstrip=rows_per_strip)  # fmt: skip
    conversion = convert_all(path, tmp_path / "out", mpp=0.5)
    assert "strips" in conversion.remarks[0]
    with FileSource(conversion.instances[0].path) as source:
        assert np.array_equal(open_tiles(source).region(0, 0, 600, 700), picture)


def test_tiles_without_bytes_become_background_and_are_told(tmp_path):
    path = tmp_path / "sparse.tif"
    write_sparse_tiff(path, missing={1, 6})
    conversion = convert_all(path, tmp_path / "out")
    instance = conversion.instances[0]
    assert (instance.frames_copied, instance.frames_background) == (10, 2)
    assert "2 of 12 tiles" in conversion.remarks[0]
    with FileSource(instance.path) as source:
        tiles = open_tiles(source)
        assert (tiles.pixels(1, 0) == 255).all()
        assert (tiles.pixels(2, 1) == 255).all()
        assert not (tiles.pixels(0, 0) == 255).all()


def test_a_slide_without_scale_is_refused_unless_it_is_given(tmp_path):
    path = tmp_path / "slide.tif"
    tifffile.imwrite(path, pattern(64, 64), tile=(64, 64), photometric="rgb")
    with pytest.raises(SlideError, match="how large its pixels are") as caught:
        convert_all(path, tmp_path / "out")
    assert "--mpp" in caught.value.remedy
    given = convert_all(path, tmp_path / "out", mpp=0.25).instances[0]
    header = pydicom.dcmread(given.path, stop_before_pixels=True)
    measures = header.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert [float(side) for side in measures.PixelSpacing] == [0.00025, 0.00025]


def test_a_field_without_rule_stops_the_slide(tmp_path):
    path = tmp_path / "slide.tif"
    write_jpeg_tiff(path, description="Doe, Jane")
    rules = allow(path)
    less = {name: act for name, act in rules.actions.items() if name != "TIFF.ImageDescription"}
    with pytest.raises(SlideError) as caught:
        convert(path, tmp_path, allowed=AllowList(rules.format, less), subject=subject())
    assert caught.value.place == "slide.tif IFD 0 ImageDescription"
    assert "TIFF.ImageDescription" in caught.value.what
    assert "Doe" not in str(caught.value)
    assert list(tmp_path.glob("*.dcm")) == []


def test_only_what_is_kept_reaches_the_header(tmp_path):
    path = shared("testdata/wsi_svs/libvips__CMU-1-Small-Region.svs")
    nothing = allow(path, Action.DROP)
    conversion = convert(path, tmp_path, allowed=nothing, subject=subject())
    for instance in conversion.instances:
        data = instance.path.read_bytes()
        for secret in (b"CPAPERIOCS", b"CMU-1", b"12/29/09", b"b414003d"):
            assert secret not in data
    assert {removal.name for removal in conversion.removed} >= {"Aperio.Filename", "LABEL"}
    changed = {**nothing.actions, "Aperio.ScanScope ID": Action.PSEUDONYM}
    named = subject(pseudonym=lambda name, value: hashlib.sha256(value.encode()).hexdigest()[:16])
    again = convert(path, tmp_path, allowed=AllowList("aperio-svs", changed), subject=named)
    header = pydicom.dcmread(again.instances[0].path, stop_before_pixels=True)
    assert header.DeviceSerialNumber == hashlib.sha256(b"CPAPERIOCS").hexdigest()[:16]


def test_the_header_says_what_the_standard_asks(tmp_path):
    moment = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    path = shared("testdata/wsi_svs/libvips__CMU-1-Small-Region.svs")
    conversion = convert_all(path, tmp_path, acquired=moment)
    headers = [pydicom.dcmread(each.path) for each in conversion.instances]
    base = headers[0]
    assert base.SOPClassUID == "1.2.840.10008.5.1.4.1.1.77.1.6"
    assert base.DimensionOrganizationType == "TILED_FULL"
    assert (base.PatientIdentityRemoved, base.BurnedInAnnotation) == ("YES", "NO")
    assert base.SpecimenLabelInImage == "NO"
    assert base.AcquisitionDateTime == "20010203040506"
    assert list(base.ImageType) == ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    assert list(headers[1].ImageType) == ["DERIVED", "PRIMARY", "VOLUME", "RESAMPLED"]
    assert base.LossyImageCompression == "01"
    assert base.LossyImageCompressionMethod == "ISO_10918_1"
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages[0]
        ratio = 130 * 240 * 240 * 3 / sum(page.databytecounts)
    assert float(base.LossyImageCompressionRatio) == pytest.approx(ratio, abs=0.01)
    assert float(headers[1].LossyImageCompressionRatio) > 1
    # Level 1 is 1110 pixels of 0.998 µm and a half's rounding: the same millimetres.
    assert headers[1].ImagedVolumeWidth == pytest.approx(2220 * 0.499 / 1000)
    for name in ("FrameOfReferenceUID", "PyramidUID", "StudyInstanceUID", "SeriesInstanceUID"):
        assert len({header[name].value for header in headers}) == 1
    assert len({header.SOPInstanceUID for header in headers}) == 3
    lengths = np.frombuffer(base.ExtendedOffsetTableLengths, "<u8")
    assert len(lengths) == base.NumberOfFrames == 130
    assert base["PixelData"].VR == "OB"


def test_the_colours_of_the_sources_profile_stay_where_they_may(tmp_path):
    path = tmp_path / "slide.tif"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    write_jpeg_tiff(path, iccprofile=profile)

    def stored(rules):
        done = convert(path, tmp_path, allowed=rules, subject=subject())
        header = pydicom.dcmread(done.instances[0].path, stop_before_pixels=True)
        return header.OpticalPathSequence[0].ICCProfile.rstrip(b"\0")

    kept = stored(allow(path))
    told, made = (ImageCms.ImageCmsProfile(io.BytesIO(each)).profile for each in (profile, kept))
    for name in ("red_colorant", "green_colorant", "blue_colorant", "media_white_point"):
        assert getattr(made, name) == getattr(told, name)
    assert made.copyright != told.copyright
    without = allow(path, **{"TIFF.InterColorProfile": Action.DROP})
    assert stored(without) == srgb_profile().rstrip(b"\0")


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    import errno

    from bigpicture.dicom import write

    write_jpeg_tiff(tmp_path / "slide.tif", rows=2100, columns=2200)
    calls = []

    def full(*given):
        calls.append(given)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(write.os, "fsync", full)
    with pytest.raises(BigpictureError, match="no room"):
        convert_all(tmp_path / "slide.tif", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_progress_ends_at_the_total(tmp_path):
    write_jpeg_tiff(tmp_path / "slide.tif", rows=2100, columns=2200)
    seen = []
    path = tmp_path / "slide.tif"
    convert(path, tmp_path, allowed=allow(path), subject=subject(),
            progress=lambda done, total: seen.append((done, total)))  # fmt: skip
    assert seen[-1][0] == seen[-1][1] == max(total for _, total in seen)


def test_a_damaged_tile_is_named_and_nothing_is_left(tmp_path):
    path = tmp_path / "slide.tif"
    write_sparse_tiff(path, missing=set())
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        at = tiff.pages[0].dataoffsets[5]
    data[at : at + 2] = b"XX"
    path.write_bytes(data)
    with pytest.raises(SlideError) as caught:
        convert_all(path, tmp_path / "out")
    assert caught.value.place == "slide.tif IFD 0 tile 5"
    assert list((tmp_path / "out").iterdir()) == []


def test_pixels_that_differ_from_the_source_are_an_error(tmp_path, monkeypatch):
    """The comparison of sampled tiles sees a wrong colour transform that digests cannot see."""
    from bigpicture.dicom import tiff_tiles

    write_jpeg_tiff(tmp_path / "slide.tif")
    monkeypatch.setattr(tiff_tiles, "YCBCR", "RGB")
    with pytest.raises(BigpictureError, match="other pixels"):
        convert_all(tmp_path / "slide.tif", tmp_path / "out")


def test_memory_stays_flat(tmp_path):
    """A slide sixteen times as large takes no more memory but for its tables (40 bytes a tile)."""
    code = """
import resource, sys
sys.path[:0] = sys.argv[3:]
from io import BytesIO
from pathlib import Path
from slide_making import convert_all
convert_all(Path(sys.argv[1]), Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    used = []
    stream = simplejpeg.encode_jpeg(
        np.random.default_rng(0).integers(0, 255, (256, 256, 3)).astype(np.uint8), 90
    )
    for across in (10, 40):
        path = tmp_path / f"{across}.tif"
        side = across * 256
        tifffile.imwrite(
            path, iter([stream] * across**2), shape=(side, side, 3), dtype=np.uint8,
            tile=(256, 256), photometric="ycbcr", compression="jpeg", subsampling=(2, 1),
            resolution=(20000, 20000), resolutionunit="CENTIMETER", metadata=None,
        )  # fmt: skip
        with tifffile.TiffWriter(path, append=True) as writer:
            small = [stream] * 4
            writer.write(iter(small), shape=(512, 512, 3), dtype=np.uint8, tile=(256, 256),
                         photometric="ycbcr", compression="jpeg", subsampling=(2, 1),
                         subfiletype=1, metadata=None)  # fmt: skip
        out = subprocess.run(
            [sys.executable, "-c", code, path, tmp_path / f"out{across}", *sys.path],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        used.append(int(out.stdout.split()[-1]))
    assert path.stat().st_size > 60_000_000
    assert used[1] - used[0] < 24 * 1024  # KiB: two read buffers' worth of noise
