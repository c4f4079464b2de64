"""QPTIFF slides, after Akoya's description of the format and the published sample of a Vectra."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile

from slide_making import pattern

OPERATOR, BARCODE, COMPUTER = "Klara Kittel", "S19-4711-A1", "WIN-KITTEL07"
SLIDE, STUDY, PROFILE = "Mustermann_4711", "Niere Mustermann", "kittel_drei_kanal"
UUID, CODE = "688b0669-3edf-4fcf-957a-47b06bacfa99", "4E37D078595BEF06C3E814B632560FAD"
DATE, DAY = "2019-09-22T19:39:50.7375777Z", "2019:10:30 13:32:10"
SECRETS = (OPERATOR, BARCODE, COMPUTER, SLIDE, STUDY, PROFILE, UUID, CODE, "Kittel", "Mustermann",
           "2019-09-22", "2019:10:30", "20191030")  # fmt: skip

CHANNELS = (("DAPI", "0,0,255", 2630), ("Opal 570", "255,255,0", 14290), ("Cy5", "255,0,0", 208030))

_PROFILE_XML = (
    f'<root s_v="1" ref="ref0"><V>8</V><Name>{PROFILE}</Name><Mode>im_Fluorescence</Mode>'
    '<ScanResolution ref="ref2"><PixelSizeMicrons>0.5</PixelSizeMicrons>'
    "<Magnification>20</Magnification><ObjectiveName>10x</ObjectiveName></ScanResolution>"
    "<ScanBands><ScanBands-i><Name>DAPI</Name></ScanBands-i></ScanBands></root>"
)
PROFILE_JSON = (
    '{"binning":2,"experimentDescription":{"name":"' + PROFILE + '","operator":"' + OPERATOR + '",'
    '"channels":[{"name":"DAPI","exposure":2.63},{"name":"CY5"}],"isDone":true,"note":null}}'
)


def describe(
    kind: str,
    *,
    name: str = "",
    colour: str = "",
    exposure: int = 50,
    biomarker: str = "",
    profile: str = "",
    extra: str = "",
) -> str:
    """The XML of one image, as the scanner writes it."""
    channel = f"<Name>{name}</Name><Color>{colour}</Color>" if name else ""
    channel += f"<Biomarker>{biomarker}</Biomarker>" if biomarker else ""
    responsivity = (
        f"<Responsivity><Filter><Name>{name}</Name><Response>162.886055122817</Response>"
        f"<Date>{DATE}</Date><FilterID>{name}_Semrock:FF01-453</FilterID></Filter></Responsivity>"
    )
    return (
        '<?xml version="1.0" encoding="utf-16"?>\r\n<PerkinElmer-QPI-ImageDescription>\r\n'
        "  <DescriptionVersion>2</DescriptionVersion>\r\n"
        "  <AcquisitionSoftware>VectraPolaris 1.0</AcquisitionSoftware>\r\n"
        f"  <ImageType>{kind}</ImageType>\r\n  <Identifier>{UUID}</Identifier>\r\n"
        f"  <SlideID>{SLIDE}</SlideID>\r\n  <Barcode>{BARCODE}</Barcode>\r\n"
        f"  <StudyName>{STUDY}</StudyName><OperatorName>{OPERATOR}</OperatorName>\r\n"
        f"  <ComputerName>{COMPUTER}</ComputerName>\r\n"
        f"  <IsUnmixedComponent>False</IsUnmixedComponent>\r\n"
        f"  <ExposureTime>{exposure}</ExposureTime><SignalUnits>64</SignalUnits>\r\n"
        f"  {channel}{responsivity if name else ''}<Objective>10x</Objective>\r\n"
        "  <CameraName>C11440-50U-53</CameraName>"
        "<CameraSettings><Gain>3</Gain><ROI><X>0</X></ROI></CameraSettings>\r\n"
        f"  {f'<ScanProfile>{profile}</ScanProfile>' if profile else ''}{extra}"
        f"<ValidationCode>{CODE}</ValidationCode>\r\n</PerkinElmer-QPI-ImageDescription>"
    )


def intensities(channel: int, rows: int, columns: int, kind: type = np.uint16) -> np.ndarray:
    """A picture of one channel that no other channel has, shape (rows, columns)."""
    y, x = np.mgrid[0:rows, 0:columns]
    waves = np.sin((x * (channel + 1) + y) / 17.0) + np.cos((y + channel * 31) / 11.0)
    return ((waves + 2) / 4 * np.iinfo(kind).max * 0.6).astype(kind)


def write_fluorescence(
    path: Path,
    *,
    rows: int = 300,
    columns: int = 400,
    tile: int | None = 128,
    kind: type = np.uint16,
    compression: str | None = "lzw",
    levels: int = 3,
    channels: tuple[tuple[str, str, int], ...] = CHANNELS,
    biomarkers: tuple[str, ...] = (),
    profile: str = _PROFILE_XML,
    is_described: Callable[[int, int], bool] = lambda level, channel: True,
    order: Callable[[int], list[int]] | None = None,
    resolution: tuple[tuple[float, float], str] | None = ((20139.5835, 20139.5835), "CENTIMETER"),
    extra: str = "",
    has_label: bool = True,
) -> list[list[np.ndarray]]:
    """Write a fluorescence slide; returns what each level's channels hold."""
    made = [
        [
            intensities(channel, rows >> level, columns >> level, kind)
            for channel in range(len(channels))
        ]
        for level in range(levels)
    ]
    scale = {"resolution": resolution[0], "resolutionunit": resolution[1]} if resolution else {}
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:

        def write(level: int) -> None:
            for channel in order(level) if order else range(len(channels)):
                name, colour, exposure = channels[channel]
                text = describe(
                    "ReducedResolution" if level else "FullResolution",
                    name=name,
                    colour=colour,
                    exposure=exposure,
                    biomarker=biomarkers[channel] if biomarkers else "",
                    profile=profile if level == channel == 0 else "",
                    extra=extra if level == channel == 0 else "",
                )
                tiff.write(
                    made[level][channel],
                    photometric="minisblack",
                    tile=(tile, tile) if tile else None,
                    rowsperstrip=None if tile else 16,
                    compression=compression,
                    subfiletype=int(level > 0),
                    description=text if is_described(level, channel) else None,
                    software="PerkinElmer-QPI",
                    datetime=DAY,
                    metadata=None,
                    **scale,
                )

        write(0)
        _beside(tiff, "Thumbnail", (36, 48))
        for level in range(1, levels):
            write(level)
        if has_label:
            _beside(tiff, "Overview", (80, 40))
            _beside(tiff, "Label", (24, 40))
    return made


def write_brightfield(
    path: Path, *, rows: int = 300, columns: int = 400, tile: int = 128, levels: int = 3
) -> None:
    """Write a brightfield slide: one RGB image a level, JPEG in YCbCr."""
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        for level in range(levels):
            text = describe(
                "ReducedResolution" if level else "FullResolution",
                profile="" if level else _PROFILE_XML.replace("Fluorescence", "Brightfield"),
            )
            tiff.write(
                pattern(rows >> level, columns >> level),
                photometric="ycbcr",
                subsampling=(2, 2),
                tile=(tile, tile),
                compression="jpeg",
                description=text,
                software="PerkinElmer-QPI",
                datetime=DAY,
                resolution=(20139.5835, 20139.5835),
                resolutionunit="CENTIMETER",
                metadata=None,
            )
            if level == 0:
                _beside(tiff, "Thumbnail", (36, 48))
        _beside(tiff, "Overview", (80, 40))
        _beside(tiff, "Label", (24, 40))


def _beside(tiff: tifffile.TiffWriter, kind: str, shape: tuple[int, int]) -> None:
    tiff.write(
        np.full((*shape, 3), 90, np.uint8),
        photometric="rgb",
        compression="lzw",
        rowsperstrip=16,
        description=describe(kind),
        software="PerkinElmer-QPI",
        datetime=DAY,
        metadata=None,
    )
