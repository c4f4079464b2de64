"""OME-TIFF: channels, focal planes and pyramids; peer: tifffile's series and levels."""

from __future__ import annotations

from itertools import permutations
from math import ceil

import numpy as np
import pydicom
import pytest
import tifffile

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import allow_list
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.slide import Channel, Stack
from bigpicture.dicom.tiles import open_tiles
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour
from bigpicture.submission.convert import convert_slide
from made_ome_tiff import (
    SECRETS,
    UUID,
    attributes,
    data,
    document,
    fluorescence,
    image,
    values,
    write,
)
from places import shared
from slide_making import convert_all, pattern

TILED = {"tile": (64, 64)}
ALL_KEPT = {
    f"OME.{name}": ""
    for name in (
        "Channel@Color", "Channel@EmissionWavelength", "Channel@ExcitationWavelength",
        "Channel@Fluorophore", "Plane@ExposureTime", "Objective@NominalMagnification",
    )
}  # fmt: skip


def whole(level) -> np.ndarray:
    """All frames of a level, shape (paths, planes, rows, columns, samples)."""
    across = ceil(level.columns / level.tile_columns)
    down = ceil(level.rows / level.tile_rows)
    stack = level.stack
    frames = [level.pixels(number) for number in range(across * down * stack.depth)]
    shape = (stack.paths, stack.planes, down, across, level.tile_rows, level.tile_columns, -1)
    grid = np.stack(frames).reshape(shape).swapaxes(3, 4)
    joined = grid.reshape(
        stack.paths, stack.planes, down * level.tile_rows, across * level.tile_columns, -1
    )
    return joined[:, :, : level.rows, : level.columns]


def expected(path, index=0, series=0) -> np.ndarray:
    """What tifffile reads: shape (channels, planes, rows, columns) or (rows, columns, 3)."""
    with tifffile.TiffFile(path) as tiff:
        found = tiff.series[series].levels[index]
        axes, pixels = found.axes, found.asarray()
    if axes.endswith("S"):
        return pixels
    for axis in "CZ":
        if axis not in axes:
            axes, pixels = axis + axes, pixels[None]
    order = [axes.index(axis) for axis in "CZYX"]
    return pixels.reshape([n for n, a in zip(pixels.shape, axes, strict=True) if a in "CZYX"]
                          ).transpose(order)  # fmt: skip


def refused(path) -> SlideError:
    with pytest.raises(SlideError) as caught:
        read_all(path)
    return caught.value


def read_all(path) -> None:
    with open_slide(path) as slide:
        for level in slide.levels:
            whole(level)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("layout", [TILED, {}, {**TILED, "compression": "zlib", "predictor": True}])
def test_channels_and_planes_are_those_of_tifffile(tmp_path, kind, order, layout):
    path = tmp_path / "slide.ome.tif"
    pixels = fluorescence(path, kind=kind, order=order, **layout)
    with open_slide(path) as slide:
        assert slide.format == "ome-tiff"
        assert [level.stack for level in slide.levels] == [
            Stack(1, np.iinfo(kind).bits, planes=3, paths=2)
        ] * 2
        assert [(level.columns, level.rows) for level in slide.levels] == [(200, 150), (100, 75)]
        assert np.array_equal(whole(slide.levels[0])[..., 0], pixels)
        for index, level in enumerate(slide.levels):
            assert np.array_equal(whole(level)[..., 0], expected(path, index))
        assert slide.mpp == pytest.approx((0.25, 0.25))
        assert slide.plane_spacing == 1.5


def test_channels_are_told_as_far_as_they_may(tmp_path):
    path = tmp_path / "slide.ome.tif"
    fluorescence(path, **TILED)
    with open_slide(path) as slide:
        # By the schema: nanometres, seconds, colours as signed RGBA (0x0000FFFF, 0xFF0000FF).
        assert slide.channels(ALL_KEPT) == [
            Channel("DAPI", (0, 0, 255), pytest.approx(358), 461, 250),
            Channel("Cy5", (255, 0, 0), None, 670, 500),
        ]
        assert slide.channels({}) == [Channel(), Channel()]
        assert slide.scanner(ALL_KEPT).magnification == 40
        rules = allow_list("ome-tiff")
        named = {field.name for field in slide.fields}
        assert all(rules.action(name) is not None for name in named)
        assert {"OME.Channel@Fluorophore", "OME.Channel@Name"} <= named
        assert [f.value for f in slide.fields if f.name == "OME.Channel@Name"] == [
            "S-2019-1234 red"
        ]


@pytest.mark.parametrize("order", ["XY" + "".join(rest) for rest in permutations("ZCT")])
@pytest.mark.parametrize("is_listed", [False, True])
def test_planes_lie_where_order_and_elements_say(tmp_path, order, is_listed):
    path = tmp_path / "slide.ome.tif"
    pixels = values(2, 3, 70, 90)
    is_z_first = order.index("Z") < order.index("C")
    pages = pixels.reshape(6, 70, 90) if is_z_first else pixels.swapaxes(0, 1).reshape(6, 70, 90)
    told = "<TiffData/>"
    if is_listed:
        # Written backwards, each plane by its own element.
        pages = pixels.reshape(6, 70, 90)[::-1]
        told = "".join(data(5 - (c * 3 + z), z=z, c=c) for c in range(2) for z in range(3))
    xml = document(image(tiff=told, DimensionOrder=order, SizeX=90, SizeY=70, SizeZ=3, SizeC=2))
    write(path, xml, pages, **TILED)
    with open_slide(path) as slide:
        assert np.array_equal(whole(slide.levels[0])[..., 0], pixels)
        if order.endswith("T") or is_listed:
            assert np.array_equal(expected(path), pixels)


def test_an_element_may_name_a_run_of_planes(tmp_path):
    path = tmp_path / "slide.ome.tif"
    pixels = values(2, 3, 70, 90)
    told = data(3, c=0, count=3) + data(0, c=1, count=3)
    xml = document(image(tiff=told, DimensionOrder="XYZCT", SizeX=90, SizeY=70, SizeZ=3, SizeC=2))
    write(path, xml, [*pixels[1], *pixels[0]], **TILED)
    with open_slide(path) as slide:
        assert np.array_equal(whole(slide.levels[0])[..., 0], pixels)
    assert np.array_equal(expected(path), pixels)


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_rgb_focal_planes_are_a_stack(tmp_path, planar):
    path = tmp_path / "slide.ome.tif"
    pages = [pattern(150, 200), pattern(150, 200)[::-1]]
    channel = f"<Channel{attributes(ID='Channel:0', SamplesPerPixel=3)}/>"
    xml = document(
        image(channels=channel, SizeX=200, SizeY=150, SizeZ=2, SizeC=3, Type="uint8",
              PhysicalSizeZ=0.0005, PhysicalSizeZUnit="mm")
    )  # fmt: skip
    stored = pages if planar == "contig" else [np.moveaxis(page, 2, 0) for page in pages]
    write(path, xml, stored, photometric="rgb", planarconfig=planar, **TILED)
    with open_slide(path) as slide:
        (level,) = slide.levels
        assert level.stack == Stack(planes=2)
        assert np.array_equal(whole(level)[0], np.stack(pages))
        assert level.encoding.is_copied is (planar == "contig")
        assert slide.plane_spacing == pytest.approx(0.5)
        assert slide.channels({}) == ()


def test_written_by_tifffile_itself(tmp_path):
    """Another writer's XML: axes, units and SubIFDs as tifffile makes them."""
    path = tmp_path / "slide.ome.tif"
    pixels = values(3, 2, 200, 300).swapaxes(0, 1)
    with tifffile.TiffWriter(path, ome=True) as writer:
        told = {"axes": "ZCYX", "PhysicalSizeX": 0.5, "PhysicalSizeXUnit": "µm",
                "PhysicalSizeY": 0.5, "PhysicalSizeYUnit": "µm",
                "Channel": {"Name": ["DAPI", "FITC", "Cy3"]}}  # fmt: skip
        writer.write(pixels, subifds=1, photometric="minisblack", metadata=told, **TILED)
        writer.write(pixels[..., ::2, ::2], subfiletype=1, photometric="minisblack", **TILED)
    with open_slide(path) as slide:
        assert [level.columns for level in slide.levels] == [300, 150]
        for index, level in enumerate(slide.levels):
            assert np.array_equal(whole(level)[..., 0], expected(path, index))
        assert [channel.dye for channel in slide.channels(ALL_KEPT)] == ["DAPI", "FITC", "Cy3"]
        assert slide.mpp == (0.5, 0.5)


def test_images_beside_the_slide_are_left_out(tmp_path):
    path = tmp_path / "slide.ome.tif"
    pages = [pattern(150, 200), pattern(300, 400), pattern(90, 60), pattern(40, 30)]
    names = ["label image", "case one", "macro image", "case one #2"]
    images = [
        image(number, name=name, tiff=data(number, count=1), SizeX=page.shape[1],
              SizeY=page.shape[0], SizeC=3, Type="uint8",
              channels=f"<Channel{attributes(ID=f'Channel:{number}', SamplesPerPixel=3)}/>")
        for number, (name, page) in enumerate(zip(names, pages, strict=True))
    ]  # fmt: skip
    write(path, document(*images), pages, **TILED)
    with open_slide(path) as slide:
        assert [(level.columns, level.rows) for level in slide.levels] == [(400, 300)]
        assert np.array_equal(whole(slide.levels[0])[0, 0], pages[1])
        assert [(each.flavour, each.columns) for each in slide.associated] == [
            (Flavour.LABEL, 200), (Flavour.OVERVIEW, 60), (Flavour.OVERVIEW, 30),
        ]  # fmt: skip
        (remark,) = slide.remarks
        assert "1 further images" in remark


def test_the_first_pyramid_is_the_slide_though_another_is_larger(tmp_path):
    path = tmp_path / "slide.ome.tif"
    large, small = pattern(300, 400), pattern(150, 200)
    channel = f"<Channel{attributes(ID='Channel:0', SamplesPerPixel=3)}/>"
    images = [
        image(n, tiff=data(n, count=1), SizeX=page.shape[1], SizeY=page.shape[0], SizeC=3,
              Type="uint8", channels=channel)
        for n, page in enumerate((large, small))
    ]  # fmt: skip
    more = {"photometric": "rgb", "metadata": None, **TILED}
    with tifffile.TiffWriter(path) as writer:
        writer.write(large, description=document(*images), **more)
        writer.write(small, subifds=1, **more)
        writer.write(small[::2, ::2], subfiletype=1, **more)
    with open_slide(path) as slide:
        assert [level.columns for level in slide.levels] == [200, 100]


def test_levels_may_follow_the_only_plane(tmp_path):
    path = tmp_path / "slide.ome.tif"
    picture = pattern(150, 200)
    channel = f"<Channel{attributes(ID='Channel:0', SamplesPerPixel=3)}/>"
    xml = document(image(channels=channel, SizeX=200, SizeY=150, SizeC=3, Type="uint8"))
    more = {"photometric": "rgb", "metadata": None, **TILED}
    with tifffile.TiffWriter(path) as writer:
        writer.write(picture, description=xml, **more)
        writer.write(picture[::2, ::2], subfiletype=1, **more)
        writer.write(pattern(40, 90), subfiletype=1, **more)
    with open_slide(path) as slide:
        assert [level.columns for level in slide.levels] == [200, 100]
        assert [each.columns for each in slide.associated] == [90]


SIZE = {"SizeX": 90, "SizeY": 70}


@pytest.mark.parametrize(
    ("images", "what"),
    [
        ([image(**SIZE, SizeT=2)], "several times"),
        ([image(**SIZE, Type="float")], "pixels are float"),
        ([image(**SIZE, Type="uint32")], "pixels are uint32"),
        ([image(**SIZE, Type="Erika Mustermann")], "unknown type"),
        ([image(SizeX=91, SizeY=70)], "another size"),
        ([image(**SIZE, SizeC="many")], "no number"),
        ([image(**SIZE, SizeC=0)], "no number"),
        ([image(**SIZE, SizeC=999999999)], "planes"),
        ([image(**SIZE, SizeC=3, channels=f"<Channel{attributes(SamplesPerPixel=3)}/>")],
         "separate directories"),
        ([image(**SIZE, SizeC=3)], "3 planes are described"),
        ([image(**SIZE, SizeC=2, tiff=data(0, count=1))], "1 of its 2 planes"),
        ([image(**SIZE, SizeC=2, tiff=data(0, c=0) + data(0, c=1))], "same directory"),
        ([image(**SIZE, SizeC=2, tiff=data(0, count=2) + data(0, c=1))], "same plane"),
        ([image(**SIZE, SizeC=2, tiff=data(0, count=3))], "does not have"),
        ([image(**SIZE, SizeC=2, tiff=data(0, c=5))], "does not have"),
        ([image(**SIZE, tiff=data(-1))], "no directory"),
        ([image(**SIZE, tiff=data(0, count="9" * 30))], "cannot be"),
        ([image(**SIZE, DimensionOrder="XYZ")], "other axes"),
        ([image(**SIZE, tiff=data(0, file="b.ome.tif", uuid="urn:uuid:7"))], "one of a set"),
        ([], "describes no image"),
        (["<BinaryOnly MetadataFile='a' UUID='b'/>", image(**SIZE)], "one of a set"),
    ],
)  # fmt: skip
def test_what_cannot_be_archived_is_refused(tmp_path, images, what):
    path = tmp_path / "slide.ome.tif"
    write(path, document(*images), list(values(2, 70, 90)), **TILED)
    error = refused(path)
    assert what in error.what
    assert error.place.startswith("slide.ome.tif")
    assert "Mustermann" not in str(error)


@pytest.mark.parametrize(
    ("file", "uuid"), [("slide.ome.tif", "urn:uuid:7"), ("renamed-since.ome.tif", UUID)]
)
def test_a_file_names_itself_by_name_or_by_uuid(tmp_path, file, uuid):
    path = tmp_path / "slide.ome.tif"
    xml = document(image(**SIZE, tiff=data(0, file=file, uuid=uuid)))
    write(path, xml, list(values(1, 70, 90)), **TILED)
    with open_slide(path) as slide:
        assert slide.levels[0].columns == 90


def test_planes_whose_pyramids_differ_are_refused(tmp_path):
    path = tmp_path / "slide.ome.tif"
    pages = values(2, 150, 200)
    more = {"photometric": "minisblack", "metadata": None, **TILED}
    with tifffile.TiffWriter(path) as writer:
        writer.write(pages[0], subifds=1, **more,
                     description=document(image(SizeX=200, SizeY=150, SizeC=2)))  # fmt: skip
        writer.write(pages[0, ::2, ::2], subfiletype=1, **more)
        writer.write(pages[1], **more)
    assert "numbers of levels" in refused(path).what


@pytest.mark.parametrize("part", range(1, 16))
def test_a_slide_truncated_anywhere_is_refused(tmp_path, part):
    path = tmp_path / "slide.ome.tif"
    fluorescence(path, **TILED, compression="zlib")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * part // 16])
    assert refused(path).place.startswith("slide.ome.tif")


def test_uncompressed_planes_are_copied(tmp_path):
    path = tmp_path / "slide.ome.tif"
    pixels = fluorescence(path, **TILED)
    conversion = convert_all(path, tmp_path / "out")
    instance = conversion.instances[0]
    assert instance.frames_copied == 6 * 12
    dataset = pydicom.dcmread(instance.path)
    assert (dataset.BitsStored, dataset.PhotometricInterpretation) == (16, "MONOCHROME2")
    assert len(dataset.OpticalPathSequence) == 2
    assert int(dataset.TotalPixelMatrixFocalPlanes) == 3
    with FileSource(instance.path) as source:
        tiles = open_tiles(source)
        # The first tile of the third plane of the second channel.
        assert np.array_equal(tiles.samples(5 * 12)[:, :, 0], pixels[1, 2, :64, :64])


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_packed_planes_are_encoded_without_loss(tmp_path, kind):
    path = tmp_path / "slide.ome.tif"
    pixels = fluorescence(path, kind=kind, compression="zlib", **TILED)
    conversion = convert_all(path, tmp_path / "out")
    assert conversion.frames_copied == 0
    with FileSource(conversion.instances[0].path) as source:
        tiles = open_tiles(source)
        for number in range(6):
            wanted = pixels.reshape(6, 150, 200)[number, :64, :64]
            assert np.array_equal(tiles.samples(12 * number)[:, :, 0], wanted)


def test_nothing_that_identifies_passes(tmp_path):
    path = tmp_path / "slide.ome.tif"
    fluorescence(path, **TILED)
    told = path.read_bytes()
    assert all(secret.encode() in told for secret in SECRETS)
    done = convert_slide(path, tmp_path / "out", pseudonyms=Pseudonyms(bytes(range(32))))
    for written in (tmp_path / "out").rglob("*"):
        content = written.read_bytes()
        assert not any(secret.encode() in content for secret in SECRETS)
    header = pydicom.dcmread(done.instances[0], stop_before_pixels=True)
    assert [path.get("OpticalPathDescription") for path in header.OpticalPathSequence] == [
        "DAPI", "Cy5",
    ]  # fmt: skip


def test_an_unknown_element_stops_the_slide(tmp_path):
    path = tmp_path / "slide.ome.tif"
    xml = document(image(**SIZE), after="<Unheard who='Erika Mustermann'/>")
    write(path, xml, list(values(1, 70, 90)), **TILED)
    with pytest.raises(SlideError, match="no rule") as caught:
        convert_slide(path, tmp_path / "out", pseudonyms=Pseudonyms(bytes(32)), mpp=0.5)
    assert "Mustermann" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "stack", "what"),
    [
        ("booritas__4D-series.ome.tiff", None, "pixels are int8"),
        ("petebankhead__OS-1-detail.ome.tif", Stack(), ""),
        ("petebankhead__OS-2-ndpi.ome.tif", Stack(), ""),
        ("qupath__cells-2c.ome.tif", Stack(1, 8, paths=2), ""),
        ("qupath__cells-2t.ome.tif", None, "several times"),
    ],
)
def test_real_files_are_read_or_refused_with_a_reason(tmp_path, name, stack, what):
    path = shared(f"testdata/wsi_ometiff/{name}")
    if stack is None:
        assert what in refused(path).what
        return
    with open_slide(path) as slide:
        (level,) = slide.levels
        assert level.stack == stack
        seen, wanted = whole(level), expected(path)
        if stack == Stack():
            # Bio-Formats tags YCbCr streams as RGB; tifffile believes the tag, we their JFIF.
            assert seen[0, 0].shape == wanted.shape
        else:
            assert np.array_equal(seen[..., 0], wanted)
    conversion = convert_all(path, tmp_path / "out")
    assert conversion.instances[0].level.columns == wanted.shape[-1 if stack != Stack() else 1]
