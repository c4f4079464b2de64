"""Values: what a kept field may hold, by named forms that the rows of the tables ask for.

A kept field is one that somebody may have typed into. Numbers are bounded, words come from closed
lists, and what names a device is made of the words of scanners.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydicom.uid import UID

from bigpicture.deidentify.scanner_words import is_model, is_software

_LONGEST = 4096
_BETWEEN = re.compile(r"[\s,;\\|()\[\]]+")
_NUMBER = re.compile(r"[+-]?(?P<whole>\d*)(?P<fraction>\.\d{1,20})?(?:[eE][+-]?\d{1,3})?\.?")
_WHOLE_DIGITS = 7
_OUR_ROOT = "2.25."


@dataclass(frozen=True, slots=True)
class Form:
    """What a value may look like.

    Another one stops the slide where it `is_needed` to read it; otherwise it is dropped. What is
    `only_checked` is never carried on from a source: the header has its own, and the form judges
    what is written.
    """

    fits: Callable[[str], bool]
    is_needed: bool = True
    only_checked: bool = False


def numbers(*, digits: int = _WHOLE_DIGITS, most: float = 0.0) -> Callable[[str], bool]:
    """Numbers with at most so many `digits` before the point, none larger than `most` (0: any)."""

    def fits(text: str) -> bool:
        if len(text) > _LONGEST:
            return False
        for piece in _BETWEEN.split(text):
            found = _NUMBER.fullmatch(piece)
            if piece and (found is None or not (found["whole"] or found["fraction"])):
                return False
            if found and len(found["whole"].lstrip("0")) > digits:
                return False
            if piece and most and abs(float(piece)) > most:
                return False
        return True

    return fits


def words(allowed: str) -> Callable[[str], bool]:
    """Words of a closed list, however they are cased, with blanks or backslashes between."""
    known = frozenset(allowed.casefold().split())

    def fits(text: str) -> bool:
        return all(part in known for part in re.split(r"[\s\\;,]+", text.casefold()) if part)

    return fits


def pattern(expression: str, *, longest: int = 64) -> Callable[[str], bool]:
    """Texts that match an expression from beginning to end."""
    compiled = re.compile(expression)
    return lambda text: len(text) <= longest and compiled.fullmatch(text) is not None


_BUILT = re.compile(r" \d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?=;|$)")


def _is_short(text: str) -> bool:
    """What names a channel: of it only the known dyes go on, by `model.fluorophore`."""
    return len(text) <= 256 and text.isprintable()


def _is_built_software(text: str) -> bool:
    """Software that tells when it was built, which its reader leaves out."""
    return is_software(_BUILT.sub("", text))


def _is_meaning(text: str) -> bool:
    """What a code means, in words: no long number."""
    return len(text) <= 64 and text.isprintable() and re.search(r"\d{6}", text) is None


def _is_public_identifier(text: str) -> bool:
    """A unique identifier that the standard registers, or one of ours."""
    parts = text.split("\\")
    return all(part.startswith(_OUR_ROOT) or UID(part).name != part for part in parts)


_PIXELS = """
int8 uint8 int16 uint16 int32 uint32 bit float double complex
Gray8 Gray16 Gray32Float Bgr24 Bgr48 Bgra32
"""
_UNITS = "m mm cm µm μm um nm pm Å s ms µs μs us ns min pixel reference frame"
_LIGHT = """
brightfield fluorescence epifluorescence transmitted oblique nonlinear other widefield darkfield
laserscanningconfocalmicroscopy phase dic polarized slide_type_brightfield slide_type_fluorescence
"""
_COMPRESSIONS = """
uncompressed lossless lossy jpeg jpegxr jpgxr jpeg2000 png bmp bmp24 zstd zstd0 zstd1 lzw zlib none
PHILIPS_DP_1_0 PHILIPS_TIFF_1_0
ISO_10918_1 ISO_15444_1 ISO_14495_1 ISO_15444_15 ISO_29199_2 ISO_13818_2 UNKNOWN
"""
_IMAGE_KINDS = """
FullResolution ReducedResolution Label Overview Thumbnail LABELIMAGE MACROIMAGE WSI
"""
_TERMS = """
ORIGINAL DERIVED PRIMARY SECONDARY VOLUME NONE RESAMPLED LABEL OVERVIEW LOCALIZER THUMBNAIL
REGIONLOCALIZER IDENTITY INVERSE TILED_FULL TILED_SPARSE 3D 3D_TEMPORAL SM XC GM YES NO MIXED AUTO
MANUAL SAMPLED DISTORTED MONOCHROME1 MONOCHROME2 RGB YBR_FULL YBR_FULL_422 YBR_ICT YBR_RCT PALETTE
COLOR SLIDE_CORNER UNKNOWN SRGB ADOBERGB CODE TEXT DATETIME NUM NUMERIC UIDREF REMOVED MODIFIED
UNMODIFIED 00 01
"""
"""The terms that DICOM defines for the coded strings that a table keeps."""
_OBJECTIVE = (
    r"(?i)(?:widefov|glass|plan|apo|apochromat|neofluar|fluar|achromat|achroplan|ec|lci|dic|upl"
    r"|u?pl[sx]?x?(?:apo|fln?)|oil|air|water|dry|o|w|h|ph\d|\d{1,3}(?:\.\d{1,3})?x?"
    r"|[bd]?\d{3}(?:/\d{2,3})*|[\s/.,()-])*"
)
_FILTER = r"(?i)(?:(?:bp|lp|sp|fs)?\s?\d{3}(?:/\d{2,3})?|[a-z]{1,2}\d?|cy\d|[\s;,+])*"

FORMS: Mapping[str, Form] = {
    "number": Form(numbers()),
    "count": Form(numbers(digits=10)),
    "nanometres": Form(numbers(digits=8, most=80_000_000)),
    "power": Form(numbers(digits=3, most=400)),
    "scale": Form(numbers(digits=4)),
    "wavelength": Form(numbers(digits=4, most=3000)),
    "maker": Form(is_model, is_needed=False),
    "model": Form(is_model, is_needed=False),
    "software": Form(is_software, is_needed=False),
    "software and its day": Form(_is_built_software, is_needed=False),
    "channel": Form(_is_short, is_needed=False),
    "objective": Form(pattern(_OBJECTIVE, longest=32), is_needed=False),
    "filter": Form(pattern(_FILTER, longest=16), is_needed=False),
    "colour": Form(pattern(r"#?(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})|")),
    "boolean": Form(words("true false yes no 0 1")),
    "unit": Form(words(_UNITS)),
    "pixel": Form(words(_PIXELS)),
    "axes": Form(pattern(r"[XYZCTS]{0,6}")),
    "light": Form(words(_LIGHT), is_needed=False),
    "compression": Form(words(_COMPRESSIONS)),
    "immersion": Form(words("oil water waterdipping air multi glycerol other")),
    "image kind": Form(words(_IMAGE_KINDS)),
    "class": Form(_is_public_identifier, only_checked=True),
    "term": Form(words(_TERMS), only_checked=True),
    "character set": Form(
        pattern(r"(?:ISO[_ ](?:IR|2022 IR) \d{1,3}|GB18030|GBK|\\)*"), only_checked=True
    ),
    "code": Form(pattern(r"[A-Za-z0-9_.{}/%\[\]*^-]{0,18}"), only_checked=True),
    "scheme": Form(pattern(r"[A-Za-z0-9_]{0,16}"), only_checked=True),
    "meaning": Form(_is_meaning, only_checked=True),
    "ordinal": Form(pattern(r"\d{0,3}"), only_checked=True),
    "writer": Form(pattern(r"BIGPICTURE_\d{1,2}"), only_checked=True),
    "method": Form(pattern("Bigpicture allow-list: rewritten from nothing"), only_checked=True),
}
"""Each form by the name that rows use."""
