"""DICOM slides as other makers write them, after PS3.3 C.8.12 and C.7.6.16-17, PS3.5 A.4."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import simplejpeg
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID

from slide_making import pattern, uid

WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
NATIVE = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"
JPEG, JPEG_LOSSLESS = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.57"
JPEG_LS, JPEG_LS_NEAR = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
J2K_LOSSLESS, J2K = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"
HTJ2K_LOSSLESS, HTJ2K = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.203"
RLE = "1.2.840.10008.1.2.5"

TILE = 32
SPACING = 0.0005
"""Millimetres a pixel."""


def stack(
    *,
    paths: int = 1,
    planes: int = 1,
    rows: int = 70,
    columns: int = 100,
    samples: int = 1,
    bits: int = 8,
) -> np.ndarray:
    """A picture of shape (paths, planes, rows, columns, samples), each layer another."""
    layers = []
    for number in range(paths * planes):
        picture = np.roll(pattern(rows, columns), 7 * number, axis=1)
        picture = picture if samples == 3 else picture[:, :, number % 3, None]
        layers.append(picture.astype(np.uint16) * 199 + number if bits == 16 else picture)
    return np.stack(layers).reshape(paths, planes, rows, columns, samples)


def tiles(picture: np.ndarray, side: int = TILE) -> list[np.ndarray]:
    """The frames of a picture in the order of TILED_FULL, edges padded with what is nearest."""
    found = []
    for path in picture:
        for plane in path:
            rows, columns = plane.shape[:2]
            for top in range(0, rows, side):
                for left in range(0, columns, side):
                    part = plane[top : top + side, left : left + side]
                    room = ((0, side - part.shape[0]), (0, side - part.shape[1]), (0, 0))
                    found.append(np.ascontiguousarray(np.pad(part, room, mode="edge")))
    return found


def grey(tile: np.ndarray) -> np.ndarray:
    return tile[:, :, 0] if tile.shape[2] == 1 else tile


def run_lengths(tile: np.ndarray) -> bytes:
    """PS3.5 annex G, with literal runs only."""
    parts = []
    for sample in range(tile.shape[2]):
        plane = tile[:, :, sample].tobytes()
        for byte in reversed(range(tile.itemsize)):
            data = plane[byte :: tile.itemsize]
            packed = b"".join(
                bytes([len(data[at : at + 128]) - 1]) + data[at : at + 128]
                for at in range(0, len(data), 128)
            )
            parts.append(packed + b"\0" * (len(packed) % 2))
    offsets = [64 + sum(map(len, parts[:number])) for number in range(len(parts))]
    return struct.pack("<16I", len(parts), *offsets, *[0] * (15 - len(parts))) + b"".join(parts)


ENCODERS: dict[str, Callable[[np.ndarray], bytes]] = {
    NATIVE: lambda tile: tile.tobytes(),
    IMPLICIT: lambda tile: tile.tobytes(),
    JPEG: lambda tile: simplejpeg.encode_jpeg(
        tile, 95, "RGB" if tile.shape[2] == 3 else "GRAY", "444"
    ),
    JPEG_LOSSLESS: lambda tile: bytes(imagecodecs.jpeg8_encode(grey(tile), lossless=True)),
    JPEG_LS: lambda tile: bytes(imagecodecs.jpegls_encode(grey(tile))),
    JPEG_LS_NEAR: lambda tile: bytes(imagecodecs.jpegls_encode(grey(tile), level=2)),
    J2K_LOSSLESS: lambda tile: bytes(
        imagecodecs.jpeg2k_encode(
            grey(tile), level=0, codecformat="j2k", reversible=True, mct=tile.shape[2] == 3
        )
    ),
    J2K: lambda tile: bytes(
        imagecodecs.jpeg2k_encode(
            grey(tile), level=60, codecformat="j2k", reversible=False, mct=tile.shape[2] == 3
        )
    ),
    HTJ2K_LOSSLESS: lambda tile: bytes(imagecodecs.htj2k_encode(grey(tile), reversible=True)),
    HTJ2K: lambda tile: bytes(imagecodecs.htj2k_encode(grey(tile), level=0.01, reversible=False)),
    RLE: run_lengths,
}
PHOTOMETRIC = {JPEG: "YBR_FULL_422", J2K_LOSSLESS: "YBR_RCT", J2K: "YBR_ICT",
               HTJ2K_LOSSLESS: "YBR_RCT", HTJ2K: "YBR_ICT"}  # fmt: skip
LOSSY = {JPEG: "ISO_10918_1", JPEG_LS_NEAR: "ISO_14495_1", J2K: "ISO_15444_1",
         HTJ2K: "ISO_15444_15"}  # fmt: skip


def header(picture: np.ndarray, *, syntax: str, name: str, side: int = TILE) -> Dataset:
    """What every maker says of a volume instance."""
    paths, planes, rows, columns, samples = picture.shape
    bits = picture.itemsize * 8
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = UID(WHOLE_SLIDE)
    made.file_meta.MediaStorageSOPInstanceUID = UID(uid(f"instance {name}"))
    made.file_meta.TransferSyntaxUID = UID(syntax)
    made.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    made.SOPClassUID = UID(WHOLE_SLIDE)
    made.SOPInstanceUID = UID(uid(f"instance {name}"))
    made.Modality = "SM"
    made.Manufacturer = "Invented Scanners"
    made.SeriesInstanceUID = UID(uid("series"))
    made.StudyInstanceUID = UID(uid("study"))
    made.FrameOfReferenceUID = UID(uid("frame"))
    made.ContainerIdentifier = "GLASS-1"
    made.PatientName = "Mustermann^Erika"
    made.PatientID = "4711"
    made.InstanceNumber = 1
    made.SamplesPerPixel = samples
    if samples == 3:
        made.PhotometricInterpretation = PHOTOMETRIC.get(syntax, "RGB")
        made.PlanarConfiguration = 0
    else:
        made.PhotometricInterpretation = "MONOCHROME2"
        made.RescaleSlope, made.RescaleIntercept = "1", "0"
    made.BitsAllocated, made.BitsStored, made.HighBit = bits, bits, bits - 1
    made.PixelRepresentation = 0
    made.Rows, made.Columns = side, side
    made.TotalPixelMatrixColumns, made.TotalPixelMatrixRows = columns, rows
    made.TotalPixelMatrixFocalPlanes, made.NumberOfOpticalPaths = planes, paths
    made.NumberOfFrames = len(tiles(picture, side))
    made.DimensionOrganizationType = "TILED_FULL"
    made.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
    made.ImagedVolumeWidth = columns * SPACING
    made.ImagedVolumeHeight = rows * SPACING
    made.LossyImageCompression = "01" if syntax in LOSSY else "00"
    if syntax in LOSSY:
        made.LossyImageCompressionMethod = LOSSY[syntax]
        made.LossyImageCompressionRatio = "5"
    measures = Dataset()
    measures.PixelSpacing = [SPACING, SPACING]
    measures.SpacingBetweenSlices = "0.0015"
    measures.SliceThickness = "0.001"
    groups = Dataset()
    groups.PixelMeasuresSequence = Items([measures])
    made.SharedFunctionalGroupsSequence = Items([groups])
    made.OpticalPathSequence = Items([optical_path(f"path-{n}") for n in range(paths)])
    return made


def optical_path(identifier: str, **given: object) -> Dataset:
    path = Dataset()
    path.OpticalPathIdentifier = identifier
    path.OpticalPathDescription = "anti-Mustermann antibody"
    kind = Dataset()
    kind.CodeValue, kind.CodingSchemeDesignator = "111743", "DCM"
    kind.CodeMeaning = "Epifluorescence illumination"
    path.IlluminationTypeCodeSequence = Items([kind])
    for keyword, value in given.items():
        setattr(path, keyword, value)
    return path


def place_frame(column: int, row: int, *, height: float | None = None, path: str = "") -> Dataset:
    """The functional groups of one frame: pixels from 1 on, micrometres, identifier."""
    position = Dataset()
    position.ColumnPositionInTotalImagePixelMatrix = column * TILE + 1
    position.RowPositionInTotalImagePixelMatrix = row * TILE + 1
    position.XOffsetInSlideCoordinateSystem = position.YOffsetInSlideCoordinateSystem = "0"
    if height is not None:
        position.ZOffsetInSlideCoordinateSystem = f"{height}"
    group = Dataset()
    group.PlanePositionSlideSequence = Items([position])
    if path:
        group.OpticalPathIdentificationSequence = Items([Dataset()])
        group.OpticalPathIdentificationSequence[0].OpticalPathIdentifier = path
    return group


def save(
    path: Path, made: Dataset, frames: Sequence[bytes], *, pieces: int = 1, has_table: bool = True
) -> Path:
    """Write header and frames; compressed ones in `pieces` fragments, with a basic table."""
    syntax = made.file_meta.TransferSyntaxUID
    buffer = BytesIO()
    pydicom.dcmwrite(
        buffer, made, enforce_file_format=True, implicit_vr=syntax == IMPLICIT, little_endian=True
    )
    data = buffer.getvalue()
    tag = struct.pack("<HH", 0x7FE0, 0x0010)
    if syntax in (NATIVE, IMPLICIT):
        body = b"".join(frames)
        body += b"\0" * (len(body) % 2)
        kind = b"" if syntax == IMPLICIT else b"OW\0\0"
        path.write_bytes(data + tag + kind + struct.pack("<I", len(body)) + body)
        return path
    items, offsets = b"", []
    for frame in frames:
        offsets.append(len(items))
        step = -(-len(frame) // pieces)
        step += step % 2
        for at in range(0, len(frame), step):
            part = frame[at : at + step]
            part += b"\0" * (len(part) % 2)
            items += struct.pack("<HHI", 0xFFFE, 0xE000, len(part)) + part
    table = struct.pack(f"<{len(offsets)}I", *offsets) if has_table else b""
    start = tag + b"OB\0\0" + struct.pack("<I", 0xFFFFFFFF)
    start += struct.pack("<HHI", 0xFFFE, 0xE000, len(table)) + table
    path.write_bytes(data + start + items + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0))
    return path


def write(
    path: Path,
    picture: np.ndarray,
    *,
    syntax: str = NATIVE,
    change: Callable[[Dataset], object] = lambda made: None,
    **how: object,
) -> Path:
    """One volume instance that holds the whole picture as TILED_FULL."""
    made = header(picture, syntax=syntax, name=path.name)
    change(made)
    return save(path, made, [ENCODERS[syntax](tile) for tile in tiles(picture)], **how)


def write_sparse(
    path: Path,
    picture: np.ndarray,
    *,
    missing: frozenset[int] = frozenset(),
    heights: Sequence[float] = (0.0, 1.5, 3.0, 4.5, 6.0),
    shuffle: int = 3,
    change: Callable[[Dataset], object] = lambda made: None,
) -> Path:
    """The same as TILED_SPARSE: frames in no order, each with its place, some of them missing."""
    made = header(picture, syntax=NATIVE, name=path.name)
    made.DimensionOrganizationType = "TILED_SPARSE"
    across, down = -(-picture.shape[3] // TILE), -(-picture.shape[2] // TILE)
    frames = tiles(picture)
    order = [n for n in np.random.default_rng(shuffle).permutation(len(frames)) if n not in missing]
    groups = []
    for number in order:
        layer, tile = divmod(int(number), across * down)
        lane, plane = divmod(layer, picture.shape[1])
        row, column = divmod(tile, across)
        groups.append(place_frame(column, row, height=heights[plane], path=f"path-{lane}"))
    made.NumberOfFrames = len(order)
    made.PerFrameFunctionalGroupsSequence = Items(groups)
    change(made)
    return save(path, made, [frames[n].tobytes() for n in order])
