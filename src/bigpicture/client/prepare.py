"""Prepare: on the contributor's machine, every slide becomes de-identified DICOM."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bigpicture.deidentify.check import check_instance
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.file import FileSource
from bigpicture.metaflex.build import FileEntry
from bigpicture.metaflex.change import with_all_files
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.write import write_document
from bigpicture.model.dates import Dates
from bigpicture.model.errors import BigpictureError, InputError, MetadataError
from bigpicture.model.image_metadata import Image
from bigpicture.model.study import Study
from bigpicture.standard.files import candidates
from bigpicture.standard.folder import digest_of, is_litter, walk
from bigpicture.standard.paths import path_problem
from bigpicture.submission.convert import convert_slide
from bigpicture.submission.layout import is_dicom, safe_parts
from bigpicture.submission.subject import subject_of

Progress = Callable[[str, int, int], None]
"""Image alias, units done, units in all."""


class SlidesError(InputError):
    """Some slides could not be converted; `errors` tell each."""

    def __init__(self, errors: Sequence[BigpictureError], *, of: int) -> None:
        self.errors = tuple(errors)
        super().__init__(
            f"{len(errors)} of {of} slides could not be converted.",
            remedy="The others are ready: mend these, then run the same command again.",
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """`places` maps each path of the dataset folder to the local file that stands for it."""

    places: Mapping[str, Path]
    converted: int


def prepare(
    folder: Path,
    study: Study,
    *,
    work: Path,
    pseudonyms: Pseudonyms,
    dates: Dates = Dates.REMOVED,
    jobs: int = 1,
    progress: Progress = lambda *_: None,
) -> Prepared:
    """Convert what is not clean DICOM already, into `work`; the dataset folder stays untouched.

    What an earlier call converted is verified and used again. Raises `SlidesError` after all
    slides were tried, so that a second call finds the good ones ready.
    """
    for image in study.images:
        _check_alias(image)
    waiting = [image for image in study.images if not _is_clean(folder, image)]
    errors: list[BigpictureError] = []
    made: dict[str, list[Path]] = {}

    def one(image: Image) -> None:
        try:
            made[image.alias] = _convert(folder, study, image, work, pseudonyms, dates, progress)
        except BigpictureError as error:
            errors.append(error)

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        list(pool.map(one, waiting))
    if errors:
        raise SlidesError(errors, of=len(waiting))
    return Prepared(_places(folder, waiting, made, work), len(waiting))


def sources_of(folder: Path, image: Image) -> list[Path]:
    """The image's files in the folder, named from it or from the image's own folder.

    Raises `MetadataError` where one is missing, is a link, or its path leads out of the folder.
    """
    found: list[Path] = []
    for file in image.files:
        places = [] if path_problem(file.filename) else candidates(image, file.filename)
        path = next((folder / place for place in places if (folder / place).is_file()), None)
        if path is None or path.is_symlink():
            raise MetadataError(
                f"the image {image.alias} lists a file that is not in the folder.",
                place=str(file.place),
                rule=path_problem(file.filename),
                remedy="Put the file there, or correct the entry.",
            )
        found.append(path)
    return found


def _check_alias(image: Image) -> None:
    """An alias names folders, here and in the dataset; it must not lead out of them."""
    if len(safe_parts(f"IMAGES/IMAGE_{image.alias}/level-0.dcm")) != 3:
        raise MetadataError(
            "an image's alias has a slash in it.",
            place=str(image.place),
            rule="IMAGES/IMAGE_{alias}/…",
            remedy="Choose an alias that can be the name of a folder.",
        )


def _is_clean(folder: Path, image: Image) -> bool:
    return all(
        is_dicom(path.name) and not check_instance(FileSource(path), path.name)
        for path in sources_of(folder, image)
    )


def _convert(
    folder: Path,
    study: Study,
    image: Image,
    work: Path,
    pseudonyms: Pseudonyms,
    dates: Dates,
    progress: Progress,
) -> list[Path]:
    sources = sources_of(folder, image)
    source = sources[0] if len(sources) == 1 else sources[0].parent
    subject = subject_of(study, image, uid=pseudonyms.uid, pseudonym=pseudonyms.name)
    out = work / f"IMAGE_{image.alias}"
    convert_slide(
        source,
        out,
        pseudonyms=pseudonyms,
        subject=subject,
        dates=dates,
        progress=lambda done, total: progress(image.alias, done, total),
    )
    return sorted(out.rglob("*.dcm"))


def _places(
    folder: Path,
    converted: list[Image],
    made: Mapping[str, list[Path]],
    work: Path,
) -> dict[str, Path]:
    replaced = {
        path.relative_to(folder).as_posix()
        for image in converted
        for path in sources_of(folder, image)
    }
    places = {
        path: folder / path for path in walk(folder) if path not in replaced and not is_litter(path)
    }
    entries: defaultdict[str, dict[str, list[FileEntry]]] = defaultdict(dict)
    for image in converted:
        paths = {f"IMAGES/IMAGE_{image.alias}/{path.name}": path for path in made[image.alias]}
        entries[image.place.file][image.alias] = [
            FileEntry(path, sha256=digest_of(place)) for path, place in paths.items()
        ]
        places.update(paths)
    for name, listed in entries.items():
        document = read_document((folder / name).read_bytes(), name=name)
        rewritten = work / name
        rewritten.parent.mkdir(parents=True, exist_ok=True)
        rewritten.write_bytes(write_document(with_all_files(document, listed)))
        places[name] = rewritten
    return places
