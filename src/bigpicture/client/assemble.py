"""Assemble: slides and the plan of their tables become a dataset folder, whole or not at all."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bigpicture.client.prepare import SlidesError
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.image_facts import image_attributes
from bigpicture.dicom.read import Instance, read_instance
from bigpicture.metaflex.compose import documents_of
from bigpicture.model.attribute import Attribute
from bigpicture.model.data_file import DataFile
from bigpicture.model.dates import Dates
from bigpicture.model.errors import BigpictureError, InputError, StorageFullError
from bigpicture.model.finding import Finding
from bigpicture.model.image_metadata import Image
from bigpicture.model.place import Place
from bigpicture.model.study import Study
from bigpicture.preparation.aliases import Aliases
from bigpicture.preparation.described_image import DescribedImage
from bigpicture.preparation.plan import Plan, PlannedImage
from bigpicture.preparation.study import image_alias, study_of
from bigpicture.sandbox.run import Limits, Reach, Sandbox
from bigpicture.standard.check import check
from bigpicture.standard.folder import digest_of, read_folder
from bigpicture.submission.convert import convert_slide
from bigpicture.submission.look import draw_thumbnail
from bigpicture.submission.subject import subject_of

PRELOAD = ("bigpicture.submission.convert", "bigpicture.submission.look")
_THUMBNAIL_SIDE, _THUMBNAIL_QUALITY = 1024, 88
_THUMBNAILS = "LANDING_PAGE/THUMBNAILS"
_IMAGE_FILE = "METADATA/image.xml"


@dataclass(frozen=True, slots=True)
class Assembled:
    """The study in the folder, what its validation found, how many slides were converted now."""

    study: Study
    findings: list[Finding]
    files: int
    converted: int


@dataclass(slots=True)
class Assembly:
    """How slides become the images of a dataset; `places` are by the file as the plan names it.

    `begin`, `progress` and `end` hear of each slide (its file, tiles done, tiles in all).
    """

    plan: Plan
    places: Mapping[str, Path]
    pseudonyms: Pseudonyms
    aliases: Aliases
    today: date
    sandbox: Sandbox
    dates: Dates = Dates.REMOVED
    limits: Limits = field(default_factory=Limits)
    jobs: int = 1
    thumbnails: int = 0
    begin: Callable[[Path], None] = lambda _: None
    progress: Callable[[Path, int, int], None] = lambda *_: None
    end: Callable[[Path, BigpictureError | None, bool], None] = lambda *_: None
    stopping: threading.Event = field(default_factory=threading.Event)
    _converted: int = 0

    def make(self, out: Path) -> Assembled:
        """Make the dataset folder `out`, which appears when all of it is there and checked.

        What an earlier run converted is verified and used again. It waits beside `out`, in
        `.{name}.work`, and goes on being used there as the same files (hard links). Raises
        `SlidesError` after all slides were tried, `InputError` where a folder cannot be written.
        """
        work = out.with_name(f".{out.name}.work")
        part = out.with_name(f".{out.name}.part")
        try:
            images = self._convert_all(work)
            shutil.rmtree(part, ignore_errors=True)
            made = self._fill(part, work, images)
            _swap(part, out)
        except OSError as error:
            raise _unwritable(error, out) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return made

    def _convert_all(self, work: Path) -> dict[str, list[Path]]:
        """Convert every slide, `jobs` at once; an error stops this slide and no other."""
        stub = study_of(self.plan, {}, alias_of=self.aliases, today=self.today)
        by_alias = {str(image.alias): image for image in stub.images}
        errors: list[BigpictureError] = []
        made: dict[str, list[Path]] = {}

        def one(planned: PlannedImage) -> None:
            if self.stopping.is_set():
                return
            place = self.places[planned.file]
            image = by_alias[image_alias(planned, self.aliases)]
            self.begin(place)
            try:
                made[planned.file], was_there = self._convert(stub, image, place, work)
            except BigpictureError as error:
                if isinstance(error, StorageFullError):
                    self.stopping.set()
                errors.append(error)
                self.end(place, error, False)
            else:
                self.end(place, None, was_there)

        pool = ThreadPoolExecutor(max(1, self.jobs))
        try:
            list(pool.map(one, self.plan.images))
        except KeyboardInterrupt:
            self.stopping.set()
            # ends the children, so that the threads that wait for them go on
            self.sandbox.close()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
        if errors:
            raise SlidesError(errors, of=len(self.plan.images))
        return made

    def _convert(
        self, study: Study, image: Image, place: Path, work: Path
    ) -> tuple[list[Path], bool]:
        result = convert_slide(
            place,
            work / f"IMAGE_{image.alias}",
            pseudonyms=self.pseudonyms,
            subject=subject_of(
                study, image, uid=self.pseudonyms.uid, pseudonym=self.pseudonyms.name
            ),
            dates=self.dates,
            limits=self.limits,
            progress=lambda done, total: self.progress(place, done, total),
            sandbox=self.sandbox,
        )
        self._converted += not result.was_there
        return result.instances, result.was_there

    def _fill(self, part: Path, work: Path, made: Mapping[str, list[Path]]) -> Assembled:
        described = {
            planned.file: self._described(planned, made[planned.file], part)
            for planned in self.plan.images
        }
        study = study_of(
            self.plan,
            described,
            alias_of=self.aliases,
            today=self.today,
            thumbnails=self._draw(part, work),
        )
        for name, data in documents_of(study).items():
            path = part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        contents = read_folder(part)
        return Assembled(study, check(study, contents.files), len(contents.files), self._converted)

    def _described(self, planned: PlannedImage, made: list[Path], part: Path) -> DescribedImage:
        folder = f"IMAGES/IMAGE_{image_alias(planned, self.aliases)}"
        (part / folder).mkdir(parents=True)
        files: list[DataFile] = []
        for path in made:
            name = f"{folder}/{path.name}"
            _link(path, part / name)
            digest = digest_of(path)
            files.append(DataFile(name, digest, digest, "dcm", Place(_IMAGE_FILE)))
        size = sum(path.stat().st_size for path in made)
        return DescribedImage(tuple(files), _stated(made), size)

    def _draw(self, part: Path, work: Path) -> tuple[DataFile, ...]:
        """Pictures of the first slides for the landing page, only as many as were asked for."""
        drawn: list[DataFile] = []
        for planned in self.plan.images[: self.thumbnails]:
            alias = image_alias(planned, self.aliases)
            source = work / f"IMAGE_{alias}"
            picture = self.sandbox.run(
                draw_thumbnail,
                source,
                named={"size": _THUMBNAIL_SIDE, "is_jpeg": True, "quality": _THUMBNAIL_QUALITY},
                limits=self.limits,
                reach=Reach(readable=(source,)),
            ).value
            name = f"{_THUMBNAILS}/{alias}.jpg"
            path = part / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture.data)
            digest = digest_of(path)
            drawn.append(DataFile(name, digest, digest, "jpg", Place("LANDING_PAGE")))
        return tuple(drawn)


def _stated(made: list[Path]) -> tuple[Attribute, ...]:
    """What the headers of an image's instances say."""
    instances: list[Instance] = []
    for path in made:
        with FileSource(path) as source:
            instances.append(read_instance(source, place=path.name))
    return image_attributes([each.header for each in instances])


def _link(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _swap(part: Path, out: Path) -> None:
    """Put the new folder in place; an earlier one goes when the new one is there."""
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    try:
        part.rename(out)
    except OSError:
        with suppress(OSError):
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _unwritable(error: OSError, out: Path) -> InputError:
    return InputError(
        f"the dataset's folder cannot be written ({error.strerror}).",
        place=out.name,
        remedy="Free some space, or choose another with --out; what was converted is kept.",
    )
