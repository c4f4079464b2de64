"""Beside: the images around the tissue, looked at before they are left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bigpicture.deidentify.barcodes import read_barcodes
from bigpicture.deidentify.mark import Mark
from bigpicture.deidentify.marks import detect_marks
from bigpicture.deidentify.report import LeftOut, told_mark
from bigpicture.dicom.slide import Associated, Pixels, VendorSlide
from bigpicture.model.errors import BigpictureError
from bigpicture.model.image import Flavour

ALWAYS = "a label is never carried over"
NOT_ASKED = "it may show the label; to keep it was not asked for"
NOT_NEEDED = "the pyramid shows the same"
UNREADABLE = "it cannot be drawn, so nobody can tell what it shows"
ANOTHER = "one overview is kept"


@dataclass
class Beside:
    """What was seen beside the tissue.

    `barcodes` are the texts of the codes in these images, which identify; `overview` is the
    picture that may go on, where one was wanted and found clean.
    """

    barcodes: list[str] = field(default_factory=list[str])
    overview: Pixels | None = None
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])


def look_beside(slide: VendorSlide, *, keeps_overview: bool) -> Beside:
    """Look at every image beside the tissue: for codes to search for, and whether it may stay.

    An overview stays only where `keeps_overview` and the detector finds no writing, label or code
    in it. An image that cannot be drawn is left out as all others are.
    """
    found = Beside()
    for each in slide.associated:
        picture = _draw(each)
        if picture is not None:
            found.barcodes += read_barcodes(picture)
        reason, marks = _judge(each, picture, keeps_overview=keeps_overview, found=found)
        if reason:
            told = tuple(told_mark(mark) for mark in marks)
            found.left_out.append(
                LeftOut(each.flavour.value, each.columns, each.rows, reason, told)
            )
    return found


def counted(marks: Sequence[Mark]) -> str:
    """How many marks of each kind: `2 text, 1 barcode`."""
    kinds = Counter(str(mark.kind) for mark in marks)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))


def _judge(
    each: Associated, picture: Pixels | None, *, keeps_overview: bool, found: Beside
) -> tuple[str, tuple[Mark, ...]]:
    """Why it is left out, and the marks that were found; nothing where it is kept."""
    if each.flavour is Flavour.LABEL:
        return ALWAYS, ()
    if each.flavour is Flavour.THUMBNAIL:
        return NOT_NEEDED, ()
    if not keeps_overview:
        return NOT_ASKED, ()
    if picture is None:
        return UNREADABLE, ()
    if found.overview is not None:
        return ANOTHER, ()
    marks = detect_marks(picture)
    if marks:
        return f"the detector found {counted(marks)} in it", marks
    found.overview = picture
    return "", ()


def _draw(each: Associated) -> Pixels | None:
    if each.draw is None:
        return None
    try:
        return each.draw()
    except (BigpictureError, ValueError, ArithmeticError, LookupError):
        return None  # it is left out, so damage to it does not stop the slide
