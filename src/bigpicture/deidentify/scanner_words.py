"""Scanner words: makers, models and programs of scanners, as a closed vocabulary.

A field that names the scanner is typed by whoever set it up, so it could name a person as well.
What is not made of these words, of short designations and of versions is not carried on.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_MAKERS = """
3dhistech akoya aperio biosciences biosystems corporation epredia evident gmbh grundium
hamamatsu histech hologic huron imaging inc indica instruments kfbio kft labs leica ltd
microsystems microscopy mikroscan morphle motic nikon objective olympus optrascan perkinelmer
philips photonics pixelmed pramana roche sakura sciences systems tissuegnostics ventana zeiss
"""
_MODELS = """
at axio axiocam axioscan axiovert celldiscoverer confocal cs desk digital dp dx easyscan flash
fluorescence genius gt hd hr hp ht imager infinity intellisite iscan lsm mantra midi mirax
nanozoomer ocus pannoramic pathology phenocycler phenoimager polaris rx rxs scan scanner
scanscope scn sg sl slide slidescan slideview sq tissuefaxs tissuescope titan ufs ultra
ultrafast unit vectra versa vision vs whole xr xt
"""
_PROGRAMS = """
bfconvert bftools bio blue cellsens console controller dcmtk definiens dicomobjects dimension
edition formats green halo image imagej imagescope inform library libvips lite ndp ndpscan net
offis ome omero openslide phenochart pylibczirw pyvips qupath software standard system
vectrapolaris version viewer wsidicomizer zen
"""
WORDS = frozenset(f"{_MAKERS} {_MODELS} {_PROGRAMS}".split())
PHRASES = ("carl zeiss", "not told")
"""Only together: apart, their words may be names."""

_PIECE = re.compile(r"[^\W_]+(?:[.,-][^\W_]+)*")
_BETWEEN = re.compile(r"[\s;:/\\|()_.,+*-]*")
_DESIGNATION = re.compile(r"[A-Za-z]{1,4}\d{1,3}[A-Za-z]{0,2}|\d{1,3}[xX]?")
_HAMAMATSU = re.compile(r"C\d{4,5}(?:-\d{2})?(?![\w-])")
"""Hamamatsu's numbers of models, such as C13210-01."""
_VERSION = re.compile(r"[vV]?(\d{1,2})[.,](\d{1,3})(?:[.,](\d{1,5}))?(?:[.,](\d{1,5}))?")
_LONGEST = 64
_DIGITS_OF_MODEL = 4
_DIGITS_OF_SOFTWARE = 26


def is_model(text: str) -> bool:
    """Whether a text names nothing but makers and models: `Aperio GT450 DX`, `C9600-12`."""
    rest = _HAMAMATSU.sub(" ", text.strip(), count=1)
    return _digits(rest) <= _DIGITS_OF_MODEL and _is_made_of(rest, _is_designation)


def is_software(text: str) -> bool:
    """Whether a text names nothing but programs and their versions: `NDP.scan 2.5.89`."""
    return _digits(text) <= _DIGITS_OF_SOFTWARE and _is_made_of(text.strip(), _is_version_or_short)


def is_version(text: str) -> bool:
    """Two to four numbers with points between them that tell no day: `1.4.0.9691`."""
    found = _VERSION.fullmatch(text)
    return found is not None and not any(
        part and len(part) == 4 and part[:2] in {"19", "20"} for part in found.groups()
    )


def _is_version_or_short(piece: str) -> bool:
    return is_version(piece) or (piece.isdecimal() and len(piece) <= 2)


def _is_designation(piece: str) -> bool:
    return _DESIGNATION.fullmatch(piece) is not None


def _digits(text: str) -> int:
    return sum(letter.isdecimal() for letter in text)


def _is_made_of(text: str, fits: Callable[[str], bool]) -> bool:
    """Whether every piece is a known word, or `fits`, with nothing but separators between."""
    rest = text.casefold()
    if len(text) > _LONGEST:
        return False
    for phrase in PHRASES:
        rest = re.sub(rf"\b{phrase}\b", " ", rest)
    left = _BETWEEN.fullmatch(_PIECE.sub("", rest)) is not None
    return left and all(_is_known(piece, fits) for piece in _PIECE.findall(rest))


def _is_known(piece: str, fits: Callable[[str], bool]) -> bool:
    if piece in WORDS or fits(piece):
        return True
    parts = re.split(r"[.,-]", piece)
    return len(parts) > 1 and all(part in WORDS or fits(part) for part in parts)
