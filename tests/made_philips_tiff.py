"""Makes Philips TIFF files from OpenSlide's page on the format and the attributes it names."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import simplejpeg

from made_tiled_tiff import (
    Page,
    abbreviated,
    halved,
    jpegs,
    rgb_jpegs,
    text,
    tiled,
    tissue,
    write_tiff,
)

TILE = 128
BARCODE = "S-2021-77431"
SECRETS = (
    BARCODE, "Mustermann", "20210531", "2021-05-31", "FMT0411", "OP-4711-X", "T14-03469_3311940",
)  # fmt: skip
LABEL, MACRO = (60, 50), (90, 40)
"""Columns and rows."""


def attribute(name: str, value: str, kind="IString", group="0x301D", element="0x1000") -> str:
    return (
        f'<Attribute Name="{name}" Group="{group}" Element="{element}" PMSVR="{kind}">'
        f"{value}</Attribute>"
    )


def write_philips(
    path: Path,
    *,
    across=7,
    down=5,
    factors=(1, 2, 4, 8),
    missing=frozenset(),
    streams="ycbcr",
    pictures="both",
    big=True,
    spacings=None,
    extra="",
    extra_inside="",
    xml=str,
    software="Philips DP v1.0",
    subfile=1,
    spare=0,
) -> list[np.ndarray]:
    """A slide of `across` x `down` whole tiles; returns what each level shows, cut to its size.

    `missing` are tiles of the finest level without bytes; `spare` columns of tiles that hang over
    every reduced level. `pictures`: label and macro as `directories`, in the `xml`, or `both`.
    """
    picture = tissue(down * TILE, across * TILE)
    spacings = spacings or [0.00025 * factor for factor in factors]
    pages, levels, described = [], [], ""
    for number, factor in enumerate(factors):
        shown = halved(picture, factor)
        levels.append(shown)
        room = [
            (0, -shown.shape[0] % TILE),
            (0, -shown.shape[1] % TILE + TILE * spare * (factor > 1)),
        ]
        padded = np.pad(shown, [*room, (0, 0)], constant_values=255)
        rows, columns = padded.shape[:2]
        page = _level(padded, columns, rows, streams)
        if number:
            page.tags[254] = (4, [subfile])
        else:
            page.tiles = [b"" if n in missing else tile for n, tile in enumerate(page.tiles)]
        page.tags[32997] = (4, [number + 1])  # ImageDepth: written, and wrong
        pages.append(page)
        described += _representation(number, columns, rows, spacings[number])
    written = _description(described, across, down, pictures, extra, extra_inside)
    pages[0].tags[270] = text(xml(written))
    pages[0].tags[305] = text(software)
    pages[0].tags[306] = text("2021:05:31 09:43:06")
    if pictures in {"directories", "both"}:
        pages.append(_striped("Macro", MACRO))
        pages.append(_striped("Label -barcode 4711", LABEL))
    write_tiff(path, pages, big=big)
    return levels


def _level(picture: np.ndarray, columns: int, rows: int, streams: str) -> Page:
    if streams == "rgb":
        tiles = rgb_jpegs(picture, TILE)
        return tiled(columns, rows, tiles, tile=TILE, photometric=2, mpp=0.25)
    tiles = jpegs(picture, TILE, 80)
    if streams == "ycbcr":
        return tiled(columns, rows, tiles, tile=TILE, mpp=0.25)
    tables = abbreviated(tiles[0])[0]
    shared = [abbreviated(tile)[1] for tile in tiles]
    return tiled(columns, rows, shared, tile=TILE, mpp=0.25, t347=(7, tables))


def _picture(size: tuple[int, int]) -> bytes:
    plain = np.full((size[1], size[0], 3), 222, np.uint8)
    return simplejpeg.encode_jpeg(plain, 90, "RGB", "444")


def _striped(description: str, size: tuple[int, int]) -> Page:
    tags = {
        256: (4, [size[0]]), 257: (4, [size[1]]), 258: (3, [8, 8, 8]), 259: (3, [7]),
        262: (3, [6]), 270: text(description), 277: (3, [3]), 278: (4, [size[1]]), 284: (3, [1]),
        530: (3, [1, 1]),
    }  # fmt: skip
    return Page(tags, [], [_picture(size)])


def _quoted(*values: object) -> str:
    return " ".join(f"&quot;{value}&quot;" for value in values)


def _representation(number: int, columns: int, rows: int, spacing: float) -> str:
    inner = (
        attribute("DICOM_PIXEL_SPACING", _quoted(spacing, spacing), "IDoubleArray", "0x0028")
        + attribute("PIIM_DP_PIXEL_DATA_REPRESENTATION_POSITION", _quoted(0, 0, 0), "IDoubleArray")
        + attribute("PIIM_PIXEL_DATA_REPRESENTATION_COLUMNS", str(columns), "IUInt32")
        + attribute("PIIM_PIXEL_DATA_REPRESENTATION_NUMBER", str(number), "IUInt16")
        + attribute("PIIM_PIXEL_DATA_REPRESENTATION_ROWS", str(rows), "IUInt32")
    )
    return f'<DataObject ObjectType="PixelDataRepresentation">{inner}</DataObject>\n'


def _array(name: str, inner: str) -> str:
    return attribute(name, f"<Array>\n{inner}</Array>", "IDataObjectArray")


def _description(
    levels: str, across: int, down: int, pictures: str, extra: str, extra_inside: str
) -> str:
    slide = (
        attribute("DICOM_DERIVATION_DESCRIPTION",
                  "tiff-levels=10003-sourceFilename=&quot;T14-03469_3311940 - 2015.ndpi&quot;")
        + attribute("PIM_DP_IMAGE_TYPE", "WSI")
        + attribute("DICOM_BITS_ALLOCATED", "8", "IUInt16")
        + attribute("DICOM_LOSSY_IMAGE_COMPRESSION", "01")
        + attribute("DICOM_LOSSY_IMAGE_COMPRESSION_METHOD",
                    _quoted("PHILIPS_DP_1_0", "PHILIPS_TIFF_1_0"), "IStringArray")
        + attribute("DICOM_LOSSY_IMAGE_COMPRESSION_RATIO", _quoted(3, 3), "IDoubleArray")
        + attribute("DICOM_PHOTOMETRIC_INTERPRETATION", "RGB")
        + _array("PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE", levels)
        # After the array, so that nobody takes it for a level's.
        + attribute("DICOM_PIXEL_SPACING", _quoted(0.000251, 0.000252), "IDoubleArray", "0x0028")
        + attribute("PIM_DP_IMAGE_COLUMNS", str(across * TILE), "IUInt32")
        + attribute("PIM_DP_IMAGE_ROWS", str(down * TILE), "IUInt32")
        + attribute("PIM_DP_SOURCE_FILE", "C:\\slides\\Mustermann.isyntax")
        + extra_inside
    )  # fmt: skip
    images = f'<DataObject ObjectType="DPScannedImage">{slide}</DataObject>\n'
    if pictures in {"xml", "both"}:
        for kind, size in (("MACROIMAGE", MACRO), ("LABELIMAGE", LABEL)):
            data = base64.b64encode(_picture(size)).decode()
            inner = attribute("PIM_DP_IMAGE_TYPE", kind) + attribute("PIM_DP_IMAGE_DATA", data)
            images += f'<DataObject ObjectType="DPScannedImage">{inner}</DataObject>\n'
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<DataObject ObjectType="DPUfsImport">\n'
        + attribute("DICOM_ACQUISITION_DATETIME", "20210531094306.000000")
        + attribute("DICOM_DATE_OF_LAST_CALIBRATION", _quoted("20210530"), "IStringArray")
        + attribute("DICOM_DEVICE_SERIAL_NUMBER", "FMT0411")
        + attribute("DICOM_MANUFACTURER", "PHILIPS")
        + attribute("DICOM_MANUFACTURERS_MODEL_NAME", "UFS Scanner")
        + attribute("DICOM_SOFTWARE_VERSIONS", _quoted("1.8.6824", "4.0.3"), "IStringArray")
        + attribute("DICOM_TIME_OF_LAST_CALIBRATION", _quoted("084512"), "IStringArray")
        + attribute("PIIM_DP_SCANNER_CALIBRATION_STATUS", "OK")
        + attribute("PIIM_DP_SCANNER_OPERATOR_ID", "OP-4711-X")
        + attribute("PIIM_DP_SCANNER_RACK_NUMBER", "11", "IUInt16")
        + attribute("PIIM_DP_SCANNER_SLOT_NUMBER", "10", "IUInt16")
        + _array("PIM_DP_SCANNED_IMAGES", images)
        + attribute("PIM_DP_UFS_BARCODE", base64.b64encode(BARCODE.encode()).decode())
        + attribute("PIM_DP_UFS_INTERFACE_VERSION", "3.0")
        + extra
        + "</DataObject>"
    )
