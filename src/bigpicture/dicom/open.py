"""Opens a slide by what is in it, not by its name."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path

from bigpicture.dicom import foreign
from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.slide import VendorSlide
from bigpicture.model.errors import SlideError

_ORDER = (
    "vendors.dicom",
    # Before all that read the directories of TIFFs: they are led astray by links of 64 bits.
    "vendors.ndpi",
    "vendors.vms",
    # Before SIS, whose tag VSI has as well.
    "vendors.olympus",
    # After DICOM, whose preamble may be the header of a TIFF; before all readers of TIFFs.
    "foreign",
    "vendors.zeiss_czi",
    "vendors.mirax",
    "vendors.olympus_sis",
    "vendors.svs",
    "vendors.leica_scn",
    "vendors.philips_tiff",
    "vendors.ome_tiff",
    "vendors.imagej",
    "vendors.ventana",
    "vendors.akoya",
    # Any TIFF is a generic one, any other picture a photograph: last.
    "vendors.tiff",
    "vendors.gross",
)
"""The files in the order in which they are asked: a new vendor is one of them, and a line here."""


VENDORS: tuple[Vendor, ...] = tuple(
    import_module(f"bigpicture.dicom.{name}").VENDOR for name in _ORDER
)


def endings() -> frozenset[str]:
    """How the names of slides end, lower case, over all vendors."""
    return frozenset(ending for vendor in VENDORS for ending in vendor.endings)


def belongings(path: Path) -> tuple[Path, ...]:
    """The files and folders that a slide at `path` consists of, `path` first.

    Told by the name's end, before anything is read; a reader may be let at these and no others.
    """
    for vendor in VENDORS:
        if path.suffix.lower() in vendor.endings:
            return vendor.belongings(path)
    return (path,)


@contextmanager
def open_slide(path: Path, *, opened: list[FileSource] | None = None) -> Generator[VendorSlide]:
    """Open a vendor's slide file, or a folder of DICOM instances, for reading.

    The files that were opened for it are added to `opened`, where it is given.

    The first vendor of `VENDORS` that recognises the content opens it. Raises `SlideError`
    naming the file (its last part) where nobody can read it, and where it is damaged.
    """
    with ExitStack() as files:

        def open_file(each: Path) -> FileSource:
            source = files.enter_context(FileSource(each))
            if opened is not None:
                opened.append(source)
            return source

        candidate = Candidate(path, None if path.is_dir() else open_file(path), open_file)
        for vendor in VENDORS:
            if vendor.recognises(candidate):
                yield vendor.open(candidate)
                return
        formats = [vendor.format for vendor in VENDORS if vendor is not foreign.VENDOR]
        raise SlideError(
            "this is no slide that can be read.",
            place=candidate.place,
            rule=f"one of: {', '.join(formats)}",
            remedy="Export it from the scanner's software in one of these formats.",
        )
