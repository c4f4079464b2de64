"""Rewrite: what the child process does with a slide that nobody trusts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bigpicture.deidentify.dates import moment_of, shifted
from bigpicture.deidentify.needles import Needle, needles_of
from bigpicture.deidentify.report import Judged, LeftOut, judge
from bigpicture.deidentify.rules import allow_list, check_forms
from bigpicture.dicom.convert import Conversion, convert
from bigpicture.dicom.open import belongings, open_slide
from bigpicture.dicom.slide import VendorSlide
from bigpicture.dicom.subject import DUMMY_TIME, Subject
from bigpicture.submission.beside import look_beside
from bigpicture.submission.cleaned_before import as_it_was, was_cleaned, writings_of

_FOLDERS = 2
SHIFTED = "The date is shifted."
_CLEANED = "This site's key cleaned it before: its pseudonyms and its date are left as they are."


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A conversion, with what its proof needs. `needles` identify: they never leave this run."""

    conversion: Conversion
    needles: tuple[Needle, ...]
    fields: tuple[Judged, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...]


def rewrite(
    source: Path,
    folder: Path,
    subject: Subject,
    *,
    keeps_overview: bool = False,
    names: Sequence[str] = (),
    progress: Callable[[int, int], None],
) -> Rewritten:
    """Convert `source` into `folder` under the rules of its format.

    The overview stays only where `keeps_overview` and the detector finds it clean. `names` are
    those of the folders and files around the slide (`names_around`).

    Raises `SlideError` where it cannot be read, where no rule names one of its fields, and where
    a kept field holds something else than its rule says.
    """
    with open_slide(source) as slide:
        check_forms(slide.format, slide.fields)
        is_clean = was_cleaned(slide.fields, subject)
        if is_clean:
            subject = as_it_was(slide.fields, subject)
            told = [_CLEANED, *([SHIFTED] if subject.acquired != DUMMY_TIME else [])]
        else:
            subject, told = with_day(subject, slide)
        beside = look_beside(slide, keeps_overview=keeps_overview)
        needles = needles_of(
            slide.format,
            slide.fields,
            stem=stem_of(source),
            names=names,
            barcodes=beside.barcodes,
            vouched=[
                *meanings_of(subject),
                *(writings_of(slide.fields, subject, len(slide.levels)) if is_clean else ()),
            ],
            aliases=names_of(subject),
        )
        judged = judge(slide.format, slide.fields)
        slide_format, place = slide.format, slide.place
    conversion = convert(
        source,
        folder,
        allowed=allow_list(slide_format),
        subject=subject,
        overview=beside.overview,
        progress=progress,
    )
    # The slide's name may itself identify, so the remarks call it otherwise.
    remarks = (*(nameless(remark, place) for remark in conversion.remarks), *told)
    return Rewritten(conversion, tuple(needles), judged, tuple(beside.left_out), remarks)


def nameless(remark: str, place: str) -> str:
    """A remark that calls a slide "the slide": its name, where it stands as words of its own."""
    return re.sub(rf"(?<!\w){re.escape(place)}(?!\w)", "the slide", remark) if place else remark


def stem_of(source: Path) -> str:
    """The name of a slide without its folder and ending; a folder's whole name."""
    return source.name if source.is_dir() else source.stem


def with_day(subject: Subject, slide: VendorSlide) -> tuple[Subject, list[str]]:
    """The subject with the shifted day of this scan, and what the report says of it."""
    if not subject.days_back:
        return subject, []
    moment = moment_of(slide.format, slide.fields)
    if moment.day is None:
        return subject, [f"The date is left out, not shifted: {moment.why}."]
    dated = replace(subject, acquired=shifted(moment.day, subject.days_back))
    return dated, [SHIFTED]


def names_around(source: Path) -> list[str]:
    """The names of the folders a slide lies in, two up, and of the files that belong to it.

    It looks into its folder, which the child that reads the slide may not.
    """
    path = source.resolve()
    belonging = [part for part in belongings(path) if part not in path.parents]
    folders = [parent.name for parent in path.parents[:_FOLDERS]]
    found = dict.fromkeys([*folders, *(stem_of(part) for part in belonging)])
    return [name for name in found if name and name != stem_of(source)]


def meanings_of(subject: Subject) -> list[str]:
    """What the caller puts into the header: the words of codes, and a shifted day."""
    codes = (
        subject.site, subject.fixation, subject.embedding, subject.species, subject.strain,
        *subject.stains,
    )  # fmt: skip
    words = [text for code in codes if code is not None for text in (code.meaning, code.code)]
    if subject.acquired != DUMMY_TIME:
        # By chance it may be another day that the source tells: that of a calibration.
        words += [f"{subject.acquired:%Y%m%d}", f"{subject.acquired:%Y-%m-%d}"]
    return words


def names_of(subject: Subject) -> list[str]:
    """The names the caller gives the slide and what it was made from."""
    return [
        name
        for name in (
            subject.image, subject.patient, subject.case, subject.specimen, subject.container,
            subject.block,
        )
        if name
    ]  # fmt: skip
