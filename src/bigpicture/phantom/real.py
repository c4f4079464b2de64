"""A dataset folder around real slides whose metadata are invented: for a look at one's own."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bigpicture.dicom.open import open_slide
from bigpicture.metaflex.build import FileEntry
from bigpicture.model.errors import BigpictureError, InputError, SlideError
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.phantom import terms
from bigpicture.phantom.documents import documents
from bigpicture.phantom.made import MadeImage
from bigpicture.phantom.stain import Stain
from bigpicture.phantom.study import Being, PlannedSlide, Specimen, Statement, Study
from bigpicture.sandbox.run import run

_UNKNOWN_SITE = terms.snomed("123037004", "Body structure")
_UNKNOWN_REMOVAL = terms.snomed("118292001", "Removal")


@dataclass(frozen=True, slots=True)
class Look:
    """What a first look at a slide tells: level-0 pixels, tile side, micrometres per pixel."""

    columns: int
    rows: int
    tile: int
    mpp: float


def look_at(path: Path) -> Look:
    """Open a slide and close it again. Raises `SlideError`."""
    with open_slide(path) as slide:
        base = slide.levels[0]
        mpp = slide.mpp[0] if slide.mpp else 0.0
        return Look(base.columns, base.rows, base.tile_columns, mpp)


def write_around(
    slides: Path,
    folder: Path,
    *,
    alias: str,
    told: Callable[[int, int], None] = lambda *_: None,
    left_out: Callable[[str, str], None] = lambda *_: None,
) -> Path:
    """Write `folder` (DATASET_…) around a copy of every slide in `slides`.

    A slide is a file, or a folder of DICOM instances. What cannot be opened, or states no
    spacing, is left out, and `left_out` is told its name and why; raises `InputError` where
    nothing remains. The dataset is controlled: nobody knows what the slides show.
    """
    candidates = sorted(path for path in slides.iterdir() if not path.name.startswith("."))
    made: list[MadeImage] = []
    for number, path in enumerate(candidates, start=1):
        try:
            made.append(_copy(path, folder, number, _look(path)))
        except BigpictureError as error:
            left_out(path.name, error.what)
        told(number, len(candidates))
    if not made:
        raise InputError(
            "there is no slide in this folder that can be opened and states its spacing.",
            place=str(slides),
            remedy="Give a folder with SVS, TIFF, OME-TIFF files or folders of DICOM.",
        )
    study = _study(alias, [image.slide for image in made])
    page = _thumbnail(folder)
    size = sum(path.stat().st_size for path in (folder / "IMAGES").rglob("*") if path.is_file())
    for name, data in documents(study, made, thumbnails=[page], size=size).items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


def _look(path: Path) -> Look:
    look = run(look_at, path)
    if look.mpp <= 0:
        raise SlideError("it does not say how large its pixels are.", place=path.name)
    return look


def _copy(path: Path, folder: Path, number: int, look: Look) -> MadeImage:
    slide = _planned(number, look)
    home = folder / "IMAGES" / f"IMAGE_{slide.image}"
    home.mkdir(parents=True)
    sources = sorted(path.rglob("*.dcm")) if path.is_dir() else [path]
    entries: list[FileEntry] = []
    for source in sources:
        target = home / source.name
        shutil.copyfile(source, target)
        entries.append(_entry(folder, target, "dcm"))
    return MadeImage(
        slide=slide,
        files=tuple(entries),
        width=look.columns,
        height=look.rows,
        tile=look.tile,
        ratio=10.0,
    )


def _planned(number: int, look: Look) -> PlannedSlide:
    being = Being(f"being-{number:02d}", "Not-known", terms.HUMAN)
    specimen = Specimen(
        alias=f"specimen-{number:02d}",
        being=being,
        case=f"case-{number:02d}",
        site=_UNKNOWN_SITE,
        method=_UNKNOWN_REMOVAL,
        age=("P0Y", "P120Y"),
    )
    words = "A real slide, shown with invented metadata."
    return PlannedSlide(
        alias=f"slide-{number:02d}",
        specimen=specimen,
        organ="",
        finding="",
        stain=Stain.HE,
        statement=Statement("Microscopic Description", "Distinct", (), words),
        seed=number,
        mpp=look.mpp,
    )


def _study(alias: str, slides: list[PlannedSlide]) -> Study:
    return Study(
        alias=alias,
        title="Your own slides, with invented metadata",
        short_name="YourSlides",
        description=(
            "The slides of the folder that this demo was given. Everything said of them is "
            "invented; the pixels are theirs."
        ),
        type=DatasetType.CLINICAL_PSEUDONYMIZED,
        tier=AccessTier.CONTROLLED,
        slides=tuple(slides),
        keywords=("demo",),
        center="Demo hospital",
        email="data-office@hospital.example",
        observer="observer-1",
    )


def _thumbnail(folder: Path) -> FileEntry:
    """A neutral picture: a real slide's must not be world-visible."""
    tint = np.linspace((250, 244, 248), (196, 160, 196), 360).astype(np.uint8)
    picture = np.ascontiguousarray(np.broadcast_to(tint[:, None, :], (360, 480, 3)))
    target = folder / "LANDING_PAGE" / "THUMBNAILS" / "cover.jpg"
    target.parent.mkdir(parents=True)
    cv2.imwrite(str(target), picture)
    return _entry(folder, target, "jpg")


def _entry(folder: Path, path: Path, filetype: str) -> FileEntry:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return FileEntry(path.relative_to(folder).as_posix(), digest, filetype)
