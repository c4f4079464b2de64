"""Which frames a tile is drawn from, and the picture made of them; expected by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import imagecodecs
import numpy as np
import pytest
import simplejpeg
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import ExplicitVRLittleEndian, JPEGLosslessSV1

from bigpicture.dicom.index import build_index
from bigpicture.dicom.optical_path import Optics, write_optical_paths
from bigpicture.dicom.read import read_instance
from bigpicture.dicom.slide import Channel, Scanner, Stack
from bigpicture.model.errors import UnknownError
from bigpicture.model.image import Level
from bigpicture.viewing.channels import ShownChannel, read_channels
from bigpicture.viewing.layers import Layers
from bigpicture.viewing.memories import Sizes
from bigpicture.viewing.stored import StoredImage, StoredLevel
from bigpicture.viewing.tiles import Tiles, tag_tile
from published import BytesSource, make_level

# 200 x 130 pixels of 64-pixel tiles: 4 across, 3 down, 12 in a layer.
LEVEL = Level(0, 200, 130, 64, 64, 0.25, 0.25, focal_planes=3, optical_paths=2)
GREY = StoredLevel(LEVEL, "image/jp2", "MONOCHROME2", "2.25.1", "source", "index")
COLOUR = replace(GREY, photometric="RGB", level=replace(LEVEL, optical_paths=1))


@pytest.mark.parametrize(
    ("level", "layers", "frames"),
    [
        # Planes follow tiles, paths follow planes (PS3.3 C.7.6.17.3): 12 and 36 frames apart.
        (GREY, Layers(), (12 + 9, 36 + 12 + 9)),
        (GREY, Layers(plane=0), (9, 36 + 9)),
        (GREY, Layers(plane=2, channels=(1,)), (36 + 24 + 9,)),
        (COLOUR, Layers(), (12 + 9,)),
        (COLOUR, Layers(plane=2), (24 + 9,)),
        (replace(COLOUR, level=replace(LEVEL, focal_planes=1, optical_paths=1)), Layers(2), (9,)),
    ],
)
def test_frames_of_a_tile(level, layers, frames):
    assert level.frames(1, 2, layers) == frames


@pytest.mark.parametrize(
    ("level", "channels"), [(GREY, (2,)), (GREY, (0, -1)), (COLOUR, (0,)), (COLOUR, (7,))]
)
def test_a_channel_that_is_not_there(level, channels):
    with pytest.raises(UnknownError):
        level.frames(0, 0, Layers(channels=channels))


def test_the_deepest_level_says_how_many_planes_an_image_has():
    flat = replace(GREY, level=replace(LEVEL, focal_planes=1))
    assert StoredImage("image", "dataset", (GREY, flat)).focal_planes == 3


def test_every_choice_of_layers_has_its_own_tag():
    chosen = [
        Layers(),
        Layers(0),
        Layers(2),
        Layers(channels=(0,)),
        Layers(0, (0,)),
        Layers(0, (1,)),
    ]
    assert len({tag_tile(GREY, 1, 1, layers) for layers in chosen}) == len(chosen)
    assert tag_tile(GREY, 1, 1, Layers(1, (0, 1))) == tag_tile(GREY, 1, 1)  # the same picture


def instance_of(pixels, *, channels=(), brightest=(), lossless=False):
    """Tiles of 64 x 64, one a layer; `pixels` has the shape (paths, planes, 64, 64[, 3])."""
    paths, planes = pixels.shape[:2]
    samples = 3 if pixels.ndim == 5 else 1
    bits = pixels.dtype.itemsize * 8
    dataset = Dataset.from_json(read_instance(BytesSource(make_level(64, 64)[0])).header.to_json())
    dataset.NumberOfFrames = paths * planes
    dataset.TotalPixelMatrixFocalPlanes = planes
    dataset.SamplesPerPixel = samples
    dataset.PhotometricInterpretation = "MONOCHROME2" if samples == 1 else "RGB"
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    optics = Optics(b"", channels=channels, brightest=brightest)
    write_optical_paths(dataset, Scanner(), Stack(samples, bits, planes, paths), optics)
    frames = pixels.reshape(-1, *pixels.shape[2:])
    if lossless:
        packed = [imagecodecs.jpeg8_encode(one, lossless=True, colorspace="RGB",
                                           outcolorspace="RGB") for one in frames]  # fmt: skip
        dataset.PixelData = encapsulate([bytes(one) for one in packed])
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
    else:
        dataset.PixelData = frames.tobytes()
        dataset["PixelData"].VR = "OW" if bits == 16 else "OB"
    return dataset, JPEGLosslessSV1 if lossless else ExplicitVRLittleEndian


class Opened(BytesSource):
    async def aread(self, offset, length):
        return self.read(offset, length)

    async def aread_many(self, ranges):
        return [self.read(*each) for each in ranges]


@pytest.fixture
def shown(tmp_path):
    """Shows the one tile of an instance, as RGB."""

    def show(made, layers=Layers(), *, media_type):  # noqa: B008 - frozen
        dataset, syntax = made
        path = tmp_path / "instance.dcm"
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = syntax
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dcmwrite(path, dataset, enforce_file_format=True)
        source = Opened(path.read_bytes())
        instance = read_instance(source)
        kept = {"source": source, "index": Opened(build_index(source, instance).to_bytes())}
        tiles = Tiles(None, kept.__getitem__, cache=tmp_path / "cache", sizes=Sizes())
        level = StoredLevel(
            instance.level, media_type, instance.photometric, "2.25.1", "source", "index"
        )
        tile = asyncio.run(tiles.read(level, 0, 0, layers))
        assert tile.media_type == "image/jpeg"
        return simplejpeg.decode_jpeg(tile.body).astype(int), source

    return show


CHANNELS = (Channel(colour=(0, 0, 255), dye="DAPI"), Channel(colour=(255, 128, 0)))


@pytest.mark.parametrize(
    ("layers", "colour"),
    [
        # 500 of 1000 in blue, 3000 of 2000 (no more than all of it) in orange.
        (Layers(), (255, 128, 128)),
        (Layers(channels=(0,)), (0, 0, 128)),
        (Layers(channels=(1,)), (255, 128, 0)),
        # 250 of 1000, 1000 of 2000.
        (Layers(plane=0), (128, 64, 64)),
    ],
)
def test_channels_are_added_up_in_their_colours(shown, layers, colour):
    values = np.array([[250, 500, 0], [1000, 3000, 0]], np.uint16)
    pixels = np.broadcast_to(values[:, :, None, None], (2, 3, 64, 64)).copy()
    made = instance_of(pixels, channels=CHANNELS, brightest=(1000, 2000))
    seen, source = shown(made, layers, media_type="application/octet-stream")
    assert np.abs(seen - colour).max() <= 2
    assert read_channels(source) == (
        ShownChannel("DAPI", "#0000ff"),
        ShownChannel("", "#ff8000"),
    )


def test_lossless_jpeg_that_no_browser_shows_is_drawn(shown):
    """Its media type is that of JPEG too (PS3.18 table 8.7.3-5)."""
    pixels = np.broadcast_to(np.array([200, 90, 30], np.uint8), (1, 1, 64, 64, 3)).copy()
    seen, source = shown(instance_of(pixels, lossless=True), media_type="image/jpeg")
    assert np.abs(seen - (200, 90, 30)).max() <= 2
    assert read_channels(source) == ()
