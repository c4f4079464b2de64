"""Examine: a slide, or what was made of one, is read from end to end; every fault is told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bigpicture.deidentify.report import Report, Written
from bigpicture.dicom.codecs import JPEG_2000_LOSSLESS
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.find import is_dicom
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.original import MISSING, read_digests
from bigpicture.dicom.region import each_at_once
from bigpicture.dicom.slide import SourceLevel
from bigpicture.dicom.tiles import TiledInstance, open_tiles
from bigpicture.dicom.witness import Witnessed, witness_instance
from bigpicture.model.errors import BigpictureError
from bigpicture.model.merkle import DIGEST_BYTES, merkle_root
from bigpicture.submission.gate import MEAN_TOLERANCE
from bigpicture.submission.signed import REPORT_NAME, check_signature

MOST_TOLD = 20
"""Faults that are told one by one; the others are counted."""
_BLOCK = 8 << 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it should be, and where."""

    place: str
    what: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What was looked at, and the first `MOST_TOLD` of `faults_found` faults.

    `frames_decoded` counts those that decode; of a comparison with the source `frames_same` have
    the bytes that they have there, `frames_alike` were encoded again and show the same, and
    `frames_made` belong to reduced levels that the source does not have.
    """

    faults: tuple[Fault, ...]
    faults_found: int
    frames: int
    frames_decoded: int
    bytes: int = 0
    frames_same: int = 0
    frames_alike: int = 0
    frames_made: int = 0
    pixels_root: str = ""

    @property
    def is_sound(self) -> bool:
        return self.faults_found == 0


@dataclass
class _Examining:
    """An examination under way: the faults so far, and how much is done."""

    progress: Progress
    total: int = 0
    done: int = 0
    faults: list[Fault] = field(default_factory=list[Fault])
    faults_found: int = 0
    frames: int = 0
    frames_decoded: int = 0
    bytes: int = 0
    frames_same: int = 0
    frames_alike: int = 0
    frames_made: int = 0
    pixels_root: str = ""

    def fault(self, place: str, what: str, *, count: int = 1) -> None:
        self.faults_found += count
        if len(self.faults) < MOST_TOLD:
            self.faults.append(Fault(place, what))

    def error(self, error: BigpictureError, place: str) -> None:
        self.fault(error.place or place, f"{error.what} {error.remedy}".rstrip())

    def step(self, count: int) -> None:
        self.done = min(self.done + count, self.total)
        self.progress(self.done, max(self.total, 1))

    def frames_decode(self, read: Callable[[int], object], count: int, place: str) -> None:
        """Decode frames 0 to `count`; one that does not is told and stops no other."""
        bad: list[tuple[int, Fault]] = []

        def one(number: int) -> None:
            try:
                read(number)
            except BigpictureError as error:
                bad.append((number, Fault(error.place or f"{place} frame {number}", error.what)))
            except Exception as error:  # noqa: BLE001 - a foreign message may quote the file
                what = f"it cannot be decoded ({type(error).__name__})."
                bad.append((number, Fault(f"{place} frame {number}", what)))

        self.frames += count
        for done in each_at_once(one, range(count)):
            self.step(done)
        self.frames_decoded += count - len(bad)
        for _, fault in sorted(bad, key=lambda each: each[0]):
            self.fault(fault.place, fault.what)

    def end(self) -> Examined:
        return Examined(
            tuple(self.faults),
            self.faults_found,
            self.frames,
            self.frames_decoded,
            self.bytes,
            self.frames_same,
            self.frames_alike,
            self.frames_made,
            self.pixels_root,
        )


def examine_source(source: Path, *, progress: Progress) -> Examined:
    """Open a slide of any format and decode every tile of every level."""
    found = _Examining(progress)
    try:
        with open_slide(source) as slide:
            counts = [_frame_count(level) for level in slide.levels]
            found.total = sum(counts)
            for level, count in zip(slide.levels, counts, strict=True):
                found.frames_decode(_reading(level), count, level.place)
    except BigpictureError as error:
        found.error(error, source.name)
    return found.end()


def _reading(level: SourceLevel) -> Callable[[int], object]:
    """Both of what a conversion asks of a tile: the bytes that are copied, and the pixels."""
    if not level.encoding.is_copied:
        return level.pixels
    return lambda number: (level.frame(number), level.pixels(number))


def examine_converted(
    folder: Path,
    report: Report,
    source: Path | None = None,
    *,
    site: str = "",
    progress: Progress,
) -> Examined:
    """Compare a converted slide with its report, and with its source where one is given.

    Size, SHA-256 and the root of the digests of the frames are those of the report, as another
    reader than ours finds them; every frame decodes; the report is signed by the site that it
    names, which is `site` where one is asked for; of `source` every frame has the same bytes,
    or shows the same where it was encoded again.
    """
    found = _Examining(progress)
    frames = sum(each.frames for each in report.instances)
    found.total = frames * (3 if source else 2) + 2 * len(report.beside)
    seen = [_examine_instance(found, folder, each) for each in report.instances]
    for each in report.beside:
        _examine_instance(found, folder, each)
    _check_roots(found, report, seen)
    _check_strangers(found, folder, report)
    _check_site(found, folder, report, site)
    if source is not None:
        try:
            _compare(found, folder, report, seen, source)
        except BigpictureError as error:
            found.error(error, source.name)
    return found.end()


def _examine_instance(found: _Examining, folder: Path, told: Written) -> Witnessed | None:
    path = folder / told.name
    if Path(told.name).name != told.name or path.is_symlink():
        found.fault(told.name, "the report names a file outside of its folder.")
        return None
    if not path.is_file():
        found.fault(told.name, "the instance is missing.")
        found.step(2 * told.frames)
        return None
    if path.stat().st_size != told.bytes:
        found.fault(
            told.name, f"it has {path.stat().st_size:,} bytes, in the report {told.bytes:,}."
        )
    found.bytes += path.stat().st_size
    seen = _witness(found, path, told)
    found.step(told.frames)
    try:
        with FileSource(path) as file:
            tiles = open_tiles(file, place=told.name)
            _check_header(found, tiles, told)
            found.frames_decode(tiles.samples, tiles.level.frame_count, told.name)
    except BigpictureError as error:
        found.error(error, told.name)
    return seen


def _witness(found: _Examining, path: Path, told: Written) -> Witnessed | None:
    try:
        seen = witness_instance(path, place=told.name)
    except Exception as error:  # noqa: BLE001 - pydicom raises a dozen kinds on damaged input
        what = error.what if isinstance(error, BigpictureError) else "its header cannot be read."
        found.fault(told.name, what)
        if _sha256(path) != told.sha256:
            found.fault(told.name, "it has changed: its SHA-256 is not that of the report.")
        return None
    if seen.sha256 != told.sha256:
        where = (
            "in its frames"
            if seen.frames_root != told.frames_root
            else "in its header, not in its frames"
        )
        found.fault(told.name, f"it has changed {where}: its SHA-256 is not that of the report.")
    elif seen.frames_root != told.frames_root:
        found.fault(told.name, "the report has another root of its frames: the report has changed.")
    return seen


def _check_header(found: _Examining, tiles: TiledInstance, told: Written) -> None:
    level = tiles.level
    here = (level.columns, level.rows, level.frame_count)
    if here != (told.columns, told.rows, told.frames):
        found.fault(
            told.name,
            f"it has {here[0]} × {here[1]} pixels in {here[2]} frames, in the report "
            f"{told.columns} × {told.rows} in {told.frames}.",
        )
    if str(tiles.instance.header.get("SOPInstanceUID", "")) != told.sop_instance_uid:
        found.fault(told.name, "it is another instance: its SOP Instance UID is not the report's.")


def _check_roots(found: _Examining, report: Report, seen: list[Witnessed | None]) -> None:
    whole = [each for each in seen if each is not None]
    if len(whole) < len(seen):
        return
    root = merkle_root([bytes.fromhex(each.frames_root) for each in whole]).hex()
    found.pixels_root = root
    if root != report.pixels_root:
        found.fault(REPORT_NAME, "the root of all pixels is not that of the instances.")


def _check_strangers(found: _Examining, folder: Path, report: Report) -> None:
    named = {each.name for each in report.written}
    for path in sorted(folder.iterdir()):
        if path.name not in named and path.is_file() and is_dicom(path):
            found.fault(path.name, "the report does not name this instance.")


def _check_site(found: _Examining, folder: Path, report: Report, site: str) -> None:
    try:
        check_signature(folder, site=report.site)
    except BigpictureError as error:
        found.error(error, REPORT_NAME)
    if site and site != report.site:
        found.fault(
            REPORT_NAME, f"it was made under the key of the site {report.site}, not {site}."
        )


def _compare(
    found: _Examining,
    folder: Path,
    report: Report,
    seen: list[Witnessed | None],
    source: Path,
) -> None:
    with open_slide(source) as slide:
        for number, told in enumerate(report.instances):
            if number >= len(slide.levels):
                found.frames_made += told.frames
                found.step(told.frames)
                continue
            level, witnessed = slide.levels[number], seen[number]
            if (level.columns, level.rows) != (told.columns, told.rows):
                found.fault(
                    told.name,
                    f"the source's level {number} has {level.columns} × {level.rows} pixels, "
                    f"this {told.columns} × {told.rows}: it is another slide.",
                )
                found.step(told.frames)
            elif witnessed is not None and level.encoding.is_copied:
                (digests,) = read_digests(source, [level])
                _compare_digests(found, digests, witnessed, told)
            elif witnessed is not None:
                _compare_pixels(found, level, folder / told.name, told)


def _compare_digests(
    found: _Examining, theirs: Iterator[bytes], ours: Witnessed, told: Written
) -> None:
    """Frame after frame; where the source has none, ours is background."""
    digests = ours.frame_digests
    count = 0
    for number, digest in enumerate(theirs):
        count += 1
        here = digests[number * DIGEST_BYTES : (number + 1) * DIGEST_BYTES]
        if digest == MISSING:
            found.frames_made += 1
        elif digest == here:
            found.frames_same += 1
        else:
            found.fault(f"{told.name} frame {number}", "it is not the frame of the source.")
        if count % 256 == 0:
            found.step(256)
    found.step(count % 256)
    if count * DIGEST_BYTES != len(digests):
        found.fault(told.name, f"the source has {count} frames in this level.")


def _compare_pixels(found: _Examining, level: SourceLevel, path: Path, told: Written) -> None:
    """Decoded samples of frames that were encoded again: equal, or alike where that was lossy."""
    with FileSource(path) as file:
        tiles = open_tiles(file, place=told.name)
        allowed = 0.0 if tiles.instance.transfer_syntax == JPEG_2000_LOSSLESS else MEAN_TOLERANCE
        bad: list[int] = []

        def one(number: int) -> None:
            before, after = level.pixels(number), tiles.samples(number)
            if before.shape != after.shape or _mean(before, after) > allowed:
                bad.append(number)

        count = tiles.level.frame_count
        for done in each_at_once(one, range(count)):
            found.step(done)
        found.frames_alike += count - len(bad)
        for number in sorted(bad):
            found.fault(f"{told.name} frame {number}", "it shows other pixels than the source.")


def _mean(before: object, after: object) -> float:
    one, other = np.asarray(before, np.int32), np.asarray(after, np.int32)
    return float(np.abs(one - other).mean())


def _frame_count(level: SourceLevel) -> int:
    across = -(-level.columns // level.tile_columns)
    return across * -(-level.rows // level.tile_rows) * level.stack.depth


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
