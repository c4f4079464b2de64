"""Image facts: what the headers of a slide's instances say, as the standard states an Image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from pydicom.dataset import Dataset
from pydicom.valuerep import DT

from bigpicture.dicom import light, losses
from bigpicture.dicom.fact import (
    first_number,
    first_said,
    items,
    measured,
    number,
    numbers,
    said,
    several,
    several_or_nil,
    text,
    truth,
)
from bigpicture.dicom.icc import is_profile
from bigpicture.dicom.read import find_flavour
from bigpicture.model.attribute import Attribute
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

REMOVED_TIME = "1970-01-01"
"""What MSMdad 6.2.4 has where no time is told."""
_DUMMY = (1970, 1, 1, 0, 0, 0)
_PIXELS, _MICROMETRES, _MILLIMETRES = "pixels", "micrometers", "mm"
_COSINES = (
    ("image_row_x_component", 0),
    ("image_row_y_component", 1),
    ("image_column_x_component", 3),
    ("image_column_y_component", 4),
)
"""Of the six numbers of Image Orientation (Slide); those along z are no part of the standard."""
_BRIGHT = frozenset({"Brightfield", "Transmission"})


def image_attributes(
    headers: Sequence[Dataset], *, stored_bytes: Sequence[int | None] = ()
) -> tuple[Attribute, ...]:
    """Every attribute 6.2.1 to 6.2.22 of an Image that the headers of its instances tell.

    The base is the largest volume instance; several of its size (channels, focal planes, parts of
    a concatenation) count together. `stored_bytes` are how many bytes the pixels of each instance
    take: they tell the ratio of a lossless compression, which no header does.

    What no header says is nil where the row allows it, and the time 1970-01-01. It is left out,
    so that validation asks for it, where the standard has neither nil nor a word for it: light,
    depth of field, focus method, whether an identifier is in the picture; so is `bp_image_type`
    of anything but brightfield, for which there is no word yet. No header tells of a tissue
    microarray: `tma_status` is False, for a person to correct. Raises `SlideError` where no
    instance is of flavour VOLUME.
    """
    sizes = [*stored_bytes, *[None] * (len(headers) - len(stored_bytes))]
    pairs = _base(list(zip(headers, sizes, strict=True)))
    base = [header for header, _ in pairs]
    first, stored = pairs[0]
    return tuple(
        attribute
        for attribute in (
            *_scanner(first),
            *_matrix(first),
            light.optical_paths(base),
            losses.compressions(first, stored),
            text("compression_status", losses.status(first)),
            _image_type(base),
            truth("has_overview", _has(headers, Flavour.OVERVIEW)),
            truth("has_label", _has(headers, Flavour.LABEL)),
            truth("tma_status", False),
            *_focus(first),
            text("color_profile", _profile(first)),
            _orientation(first),
            _identifier_in_image(headers),
        )
        if attribute is not None
    )


def base_of(headers: Sequence[Dataset]) -> Dataset:
    """The largest volume instance; raises `SlideError` where there is none."""
    return _base([(header, None) for header in headers])[0][0]


def _base(pairs: Sequence[tuple[Dataset, int | None]]) -> list[tuple[Dataset, int | None]]:
    volume = [pair for pair in pairs if find_flavour(pair[0]) is Flavour.VOLUME]
    if not volume:
        raise SlideError(
            "no instance of the image is of flavour VOLUME.",
            place="Image Type (0008,0008)",
            rule="PS3.3 C.8.12.4.1.1",
            remedy="Put the slide's levels into its folder.",
        )
    largest = max(_area(header) for header, _ in volume)
    return [pair for pair in volume if _area(pair[0]) == largest]


def _shape(header: Dataset) -> tuple[Decimal, Decimal]:
    """Columns and rows of the whole matrix; a single frame is its own."""
    across = first_number(header, "TotalPixelMatrixColumns") or first_number(header, "Columns")
    down = first_number(header, "TotalPixelMatrixRows") or first_number(header, "Rows")
    return across or Decimal(0), down or Decimal(0)


def _area(header: Dataset) -> Decimal:
    across, down = _shape(header)
    return across * down


def _has(headers: Sequence[Dataset], flavour: Flavour) -> bool:
    return any(find_flavour(header) is flavour for header in headers)


def _scanner(header: Dataset) -> Iterator[Attribute]:
    software = dict.fromkeys(said(header, "SoftwareVersions"))
    yield text("manufacturers_model_name", first_said(header, "ManufacturerModelName"))
    yield text("device_serial_number", first_said(header, "DeviceSerialNumber"))
    yield from (text("software_versions", each) for each in software or [None])
    yield text("acquisition_datetime", acquired(header))
    yield text("scanner_manufacturers_name", first_said(header, "Manufacturer"))


def acquired(header: Dataset) -> str:
    """When it was scanned, ISO 8601; a day alone where no time is told."""
    day, time = first_said(header, "AcquisitionDate"), first_said(header, "AcquisitionTime")
    told = first_said(header, "AcquisitionDateTime") or (f"{day}{time or ''}" if day else "")
    is_removed = first_said(header, "LongitudinalTemporalInformationModified") == "REMOVED"
    moment = _moment(told) if len(told) >= 8 and not is_removed else None
    if moment is None or moment.timetuple()[:6] == _DUMMY:
        return REMOVED_TIME
    return moment.date().isoformat() if len(told) == 8 else moment.isoformat()


def _moment(told: str) -> datetime | None:
    try:
        return DT(told)
    except (ValueError, TypeError, OverflowError):
        return None


def _matrix(header: Dataset) -> Iterator[Attribute | None]:
    """Shape, tiles, origin, spacing and depth of the base."""
    across, down = _shape(header)
    wide, high = first_number(header, "Columns"), first_number(header, "Rows")
    yield several("base_layer_tile_size", [_positive("width", wide), _positive("height", high)])
    yield several(
        "image_shape", [_positive("image_width", across), _positive("image_height", down)]
    )
    yield several_or_nil("image_origin_in_slide_coordinate_system", _origin(header))
    yield several("pixel_spacing", _spacing(header))
    depth = _depth(header)
    if depth:
        yield measured("depth_of_field", depth, _MICROMETRES)


def _positive(tag: str, value: Decimal | None, units: str = _PIXELS) -> Attribute | None:
    return measured(tag, value, units) if value and value > 0 else None


def _origin(header: Dataset) -> Iterator[Attribute]:
    for item in items(header, "TotalPixelMatrixOriginSequence"):
        x = first_number(item, "XOffsetInSlideCoordinateSystem")
        y = first_number(item, "YOffsetInSlideCoordinateSystem")
        if x is not None and y is not None:
            yield measured("x", x, _MILLIMETRES)
            yield measured("y", y, _MILLIMETRES)
        return


def _measures(header: Dataset) -> Iterator[Dataset]:
    """Where pixel measures may stand: shared, of the first frame, or right in the header."""
    for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in list(items(header, keyword))[:1]:
            yield from list(items(group, "PixelMeasuresSequence"))[:1]
    yield header


def _spacing(header: Dataset) -> Iterator[Attribute]:
    """Pixel Spacing is of rows, hence vertical, first (PS3.3 10.7.1.3), in millimetres."""
    for measures in _measures(header):
        found = numbers(measures, "PixelSpacing")
        if len(found) == 2 and min(found) > 0:
            yield measured("vertical", found[0] * 1000, _MICROMETRES)
            yield measured("horizontal", found[1] * 1000, _MICROMETRES)
            return
    across, down = _shape(header)
    width = first_number(header, "ImagedVolumeWidth")
    height = first_number(header, "ImagedVolumeHeight")
    if width and height and across and down and min(width, height) > 0:
        yield measured("vertical", round(height * 1000 / down, 6), _MICROMETRES)
        yield measured("horizontal", round(width * 1000 / across, 6), _MICROMETRES)


def _depth(header: Dataset) -> Decimal | None:
    """Micrometres. Slice Thickness is the depth of field of optical images (PS3.3 C.7.6.16.2.1)."""
    for measures in _measures(header):
        thickness = first_number(measures, "SliceThickness")
        if thickness and thickness > 0:
            return thickness * 1000
    planes = first_number(header, "TotalPixelMatrixFocalPlanes") or 1
    depth = first_number(header, "ImagedVolumeDepth")
    return depth if depth and depth > 0 and planes == 1 else None


def _image_type(base: Sequence[Dataset]) -> Attribute | None:
    lit = light.methods(base)
    return text("bp_image_type", "WSI Brightfield") if lit and lit <= _BRIGHT else None


def _focus(header: Dataset) -> Iterator[Attribute]:
    method = first_said(header, "FocusMethod")
    if method in {"AUTO", "MANUAL"}:
        yield text("focus_method", method)
    planes = first_number(header, "NumberOfFocalPlanes")
    distance = first_number(header, "DistanceBetweenFocalPlanes")
    is_extended = first_said(header, "ExtendedDepthOfField") == "YES"
    held = [
        number("number_of_focal_planes", planes) if planes and planes > 0 else None,
        _positive("distance_between_focal_planes", distance, _MICROMETRES),
    ]
    yield several_or_nil("extended_depth_of_field", held if is_extended else [])


def _profile(header: Dataset) -> str:
    """MISSING where no path has one, NOT EXTRACTABLE where it cannot be read as ICC.1.

    A profile that names the maker of the device it is of is the maker's; any other is CUSTOM.
    """
    places = [*items(header, "OpticalPathSequence"), header]
    found = [data for each in places if (data := each.get("ICCProfile", None))]
    if not found:
        return "MISSING"
    if not all(isinstance(data, bytes) and is_profile(data) for data in found):
        return "NOT EXTRACTABLE"
    return "MANUFACTURE SPECIFIC" if any(found[0][48:52].strip(b"\0 ")) else "CUSTOM"


def _orientation(header: Dataset) -> Attribute:
    cosines = numbers(header, "ImageOrientationSlide")
    is_whole = len(cosines) == 6 and all(-1 <= each <= 1 for each in cosines)
    tags = _COSINES if is_whole else ()
    return several_or_nil(
        "image_orientation_in_slide_coordinate_system",
        [number(tag, cosines[at]) for tag, at in tags],
    )


def _identifier_in_image(headers: Sequence[Dataset]) -> Attribute | None:
    """Of any instance: burned in, or a label in view (PS3.3 C.7.6.1, C.8.12.4)."""
    keywords = ("BurnedInAnnotation", "SpecimenLabelInImage")
    told = [first_said(header, keyword) for header in headers for keyword in keywords]
    tag = "biological_being_identifier_present_in_image"
    if "YES" in told:
        return truth(tag, True)
    is_told = all(first_said(header, "BurnedInAnnotation") == "NO" for header in headers)
    return truth(tag, False) if is_told else None
