"""Headers read, compared with the metadata and filled, beside pydicom that only reads them."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import pydicom

from benchmarks.claim import Claim
from bigpicture.dicom.convert import convert
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.subject import Subject
from bigpicture.model.allowance import Action, AllowList
from bigpicture.model.data_file import DataFile
from bigpicture.model.identifiers import Alias
from bigpicture.model.image_metadata import Image
from bigpicture.model.place import Place
from bigpicture.phantom.slides import write_svs
from bigpicture.phantom.tissue import Tissue
from bigpicture.standard.files import Files
from bigpicture.standard.fill import filling_of
from bigpicture.standard.header import check_header
from bigpicture.submission.folder_slides import see_slides

IMAGES = 200
SIDE = 4096
WANTED = 1_000.0
"""Instances per second, on the cores that are there."""
ROUNDS = 3


def claims() -> list[Claim]:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        return list(_measure(Path(name)))


def _measure(folder: Path) -> Iterator[Claim]:
    paths = _slide(folder)
    images, files = _dataset(folder, paths)
    count = IMAGES * len(paths)
    acts: dict[str, Callable[[], object]] = {
        "ours": lambda: _compared(folder, images, files),
        "peer": lambda: [pydicom.dcmread(each, stop_before_pixels=True) for each in paths * IMAGES],
    }
    seconds: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(ROUNDS):
        for name, act in acts.items():
            seconds[name].append(_timed(act))
    ours, peer = (count / median(seconds[name]) for name in ("ours", "peer"))
    what = f"{count} headers read and compared with {IMAGES} images"
    yield Claim.of(f"{what}; pydicom reads them", ours=ours, peer=peer, unit="/s", target=1.0)
    yield Claim.of(f"{what}; wanted", ours=ours, peer=WANTED, unit="/s", target=1.0)


def _slide(folder: Path) -> list[Path]:
    """An invented slide, converted: one instance a level."""
    source = folder / "invented.svs"
    write_svs(source, Tissue(seed=1, width=SIDE, height=SIDE, organ="colon"))
    with open_slide(source) as slide:
        allowed = AllowList(slide.format, {each.name: Action.KEEP for each in slide.fields})
    subject = Subject(
        uid=lambda text: f"2.25.{abs(hash(text))}",
        image="image",
        patient="P",
        case="C",
        specimen="S",
        container="G",
    )
    (folder / "slide").mkdir()
    made = convert(source, folder / "slide", allowed=allowed, subject=subject)
    return [each.path for each in made.instances]


def _dataset(folder: Path, paths: list[Path]) -> tuple[list[Image], Files]:
    """As many images as wanted, which state little and list the same files."""
    place = Place("METADATA/image.xml", 1)
    names = [path.relative_to(folder).as_posix() for path in paths]
    listed = tuple(DataFile(name, "", "", "dcm", place) for name in names)
    image = Image(alias=Alias("image"), place=place, slides=(), files=listed)
    images = [replace(image, alias=Alias(f"image-{number}")) for number in range(IMAGES)]
    return images, dict.fromkeys(names, (1, ""))


def _compared(folder: Path, images: list[Image], files: Files) -> int:
    found = 0
    for seen in see_slides(folder, images, files):
        assert seen.facts is not None
        found += len(list(check_header(seen.image, seen.facts)))
        found += len(filling_of(seen.image, seen.facts))
    return found


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
