"""Datasets: complete Bigpicture folders around invented slides, one clinical, one not."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import simplejpeg

from bigpicture.dicom.convert import convert
from bigpicture.dicom.subject import Subject
from bigpicture.metaflex.build import FileEntry
from bigpicture.model.allowance import Action, AllowList
from bigpicture.phantom import terms
from bigpicture.phantom.chance import seed_of
from bigpicture.phantom.clinical import clinical
from bigpicture.phantom.companions import companions
from bigpicture.phantom.documents import documents
from bigpicture.phantom.identity import identity
from bigpicture.phantom.jpeg import Colour
from bigpicture.phantom.made import MadeImage
from bigpicture.phantom.nonclinical import nonclinical
from bigpicture.phantom.slides import Written, write_svs, write_tiff
from bigpicture.phantom.study import Format, PlannedSlide, Study
from bigpicture.phantom.tissue import Tissue
from bigpicture.phantom.truth import regions

Told = Callable[[str, int, int], None]
"""Takes (what was finished, how many are, how many there will be)."""

TILE = 256
_THUMBNAILS = 5


class Kind(StrEnum):
    """The two datasets."""

    CLINICAL = "clinical"
    NONCLINICAL = "nonclinical"


@dataclass(frozen=True)
class Made:
    """A slide that is ready, as it comes back from the process that rendered it."""

    image: MadeImage
    thumbnail: FileEntry
    bytes: int
    planted: dict[str, str]


def plan(kind: Kind, *, seed: int, slides: int) -> Study:
    """The study of a kind with at most `slides` slides."""
    return clinical(seed, slides) if kind is Kind.CLINICAL else nonclinical(seed, slides)


def write_dataset(
    kind: Kind,
    out: Path,
    *,
    slides: int = 8,
    size: tuple[int, int] = (8192, 6144),
    seed: int = 1,
    processes: int = 2,
    told: Told | None = None,
) -> Path:
    """Write `DATASET_{alias}` of one of the two into `out` and return its path: `write_study`."""
    study = plan(kind, seed=seed, slides=slides)
    return write_study(study, out, size=size, processes=processes, told=told)


def write_study(
    study: Study,
    out: Path,
    *,
    size: tuple[int, int] = (8192, 6144),
    processes: int = 2,
    told: Told | None = None,
) -> Path:
    """Write `DATASET_{alias}` of a study into `out` and return its path.

    `size` is columns and rows of level 0. Beside it lies `TRUTH_{alias}/planted.json` with every
    identifier planted in a vendor file, by image. An existing folder of the name is replaced.
    """
    folder = out / f"DATASET_{study.alias}"
    shutil.rmtree(folder, ignore_errors=True)
    made: dict[str, Made] = {}
    for slide, ready in _render(study, folder, size, processes):
        made[slide.alias] = ready
        if told:
            told(slide.alias, len(made), len(study.slides))
    ordered = [made[slide.alias] for slide in study.slides]
    _write_documents(study, folder, ordered)
    truth = out / f"TRUTH_{study.alias}"
    truth.mkdir(parents=True, exist_ok=True)
    planted = {ready.image.slide.image: ready.planted for ready in ordered}
    (truth / "planted.json").write_text(
        json.dumps(planted, indent=1, ensure_ascii=False), encoding="utf-8", newline="\n"
    )
    return folder


def _render(
    study: Study, folder: Path, size: tuple[int, int], processes: int
) -> Iterator[tuple[PlannedSlide, Made]]:
    """Slides as they are finished, several at a time."""
    if processes <= 1:
        for slide in study.slides:
            yield slide, make(slide, folder, size)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting: dict[Future[Made], PlannedSlide] = {
            pool.submit(make, slide, folder, size): slide for slide in study.slides
        }
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def make(slide: PlannedSlide, folder: Path, size: tuple[int, int]) -> Made:
    """Render one slide into the folder, with its thumbnail and annotation."""
    tissue = Tissue(
        seed=slide.seed,
        width=size[0],
        height=size[1],
        mpp=slide.mpp,
        organ=slide.organ,
        finding=slide.finding,
        stain=slide.stain,
        kinds=slide.artefacts,
        look=seed_of(slide.seed, slide.stain.value),
    )
    home = folder / "IMAGES" / f"IMAGE_{slide.image}"
    home.mkdir(parents=True, exist_ok=True)
    written, paths = _write_image(slide, tissue, home)
    volume = sum(path.stat().st_size for path in paths)
    pixels = sum(width * height for width, height in written.sizes)
    image = MadeImage(
        slide=slide,
        files=tuple(_entry(folder, path, "dcm") for path in paths),
        width=size[0],
        height=size[1],
        tile=TILE,
        ratio=3 * pixels / volume,
        annotation=_annotate(slide, tissue, folder),
    )
    return Made(
        image,
        _thumbnail(slide, written, folder),
        volume,
        written.who.planted if written.who else {},
    )


def _write_image(slide: PlannedSlide, tissue: Tissue, home: Path) -> tuple[Written, list[Path]]:
    if slide.format is Format.SVS:
        colour = Colour.RGB if slide.seed % 2 else Colour.YCBCR
        who = identity(slide.seed, organ=slide.organ.upper())
        written = write_svs(home / f"{slide.alias}.svs", tissue, who=who, colour=colour, threads=1)
        return written, [written.path]
    if slide.format is Format.TIFF:
        written = write_tiff(home / f"{slide.alias}.tiff", tissue, threads=1)
        return written, [written.path]
    with tempfile.TemporaryDirectory() as scratch:
        written = write_tiff(Path(scratch) / "slide.tiff", tissue, threads=1)
        write_dicom(written.path, home, slide)
    return written, sorted(home.glob("*.dcm"))


class Everything(AllowList):
    """Drops every field: what we wrote ourselves needs none of them in the header."""

    def action(self, name: str) -> Action | None:  # noqa: ARG002 - the answer is always the same
        return Action.DROP


def write_dicom(source: Path, folder: Path, slide: PlannedSlide) -> None:
    """Convert a plain TIFF of ours to DICOM, its header filled from the plan."""
    being = slide.specimen.being
    subject = Subject(
        uid=lambda text: f"2.25.{seed_of(slide.seed, 'uid', text)}",
        image=slide.image,
        patient=being.alias,
        case=slide.specimen.case or being.alias,
        specimen=slide.specimen.alias,
        block=slide.block,
        container=slide.alias,
        site=slide.specimen.site,
        stains=(terms.HAEMATOXYLIN, terms.EOSIN),
        fixation=terms.FORMALIN,
        embedding=terms.PARAFFIN,
        species=being.species,
        mpp=slide.mpp,
    )
    convert(source, folder, allowed=Everything("generic-tiff", {}), subject=subject)


def _annotate(slide: PlannedSlide, tissue: Tissue, folder: Path) -> FileEntry | None:
    """The outline of the lesion as GeoJSON, where there is one."""
    outlines = regions(tissue)
    if not outlines["features"]:
        return None
    path = folder / "ANNOTATIONS" / f"{slide.alias}.geojson"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(outlines), encoding="utf-8", newline="\n")
    return _entry(folder, path, "json")


def _thumbnail(slide: PlannedSlide, written: Written, folder: Path) -> FileEntry:
    path = folder / "LANDING_PAGE" / "THUMBNAILS" / f"{slide.alias}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(simplejpeg.encode_jpeg(written.thumbnail, quality=88, colorsubsampling="444"))
    return _entry(folder, path, "jpg")


def _write_documents(study: Study, folder: Path, made: list[Made]) -> None:
    """The XML and the tables; no more thumbnails than a landing page may show."""
    chosen = made[:_THUMBNAILS]
    for ready in made[_THUMBNAILS:]:
        (folder / ready.thumbnail.filename).unlink()
    held = documents(
        study,
        [ready.image for ready in made],
        thumbnails=[ready.thumbnail for ready in chosen],
        size=sum(ready.bytes for ready in made),
    )
    tables = companions(study) if study.type.is_clinical else {}
    for name, data in {**held, **tables}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _entry(folder: Path, path: Path, filetype: str) -> FileEntry:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileEntry(path.relative_to(folder).as_posix(), digest, filetype)
