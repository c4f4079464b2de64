"""Converts a vendor's slide to a de-identified DICOM whole-slide image, copying its frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bigpicture.dicom.background import Background
from bigpicture.dicom.codecs import (
    JPEG_2000_LOSSLESS,
    JPEG_BASELINE,
    REDUCED_QUALITY,
    encode_jpeg,
    encode_jpeg2000,
)
from bigpicture.dicom.colour import srgb_profile
from bigpicture.dicom.compare import compare_frames
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.header import Storage, build_header
from bigpicture.dicom.jpeg import YCBCR
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.reduce import HalvedLevel, reduced_levels
from bigpicture.dicom.scale import level_factor
from bigpicture.dicom.sift import Removal, sift
from bigpicture.dicom.slide import Encoding, Frame, Scanner, SourceLevel, VendorSlide
from bigpicture.dicom.subject import Subject
from bigpicture.dicom.tiles import open_tiles
from bigpicture.dicom.write import Written, write_instance
from bigpicture.model.allowance import Action, AllowList
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Level

Progress = Callable[[int, int], None]
PROGRESS_STEP = 256


@dataclass(frozen=True, slots=True)
class ConvertedInstance:
    """One written level. `frame_digests` are SHA-256 of each frame's untouched bytes, joined."""

    path: Path
    level: Level
    sop_instance_uid: str
    transfer_syntax: str
    photometric: str
    size: int
    sha256: str
    frame_digests: bytes
    frames_copied: int
    frames_encoded: int
    frames_background: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion did. No value of the source is in it, only places and names."""

    format: str
    instances: tuple[ConvertedInstance, ...]
    removed: tuple[Removal, ...]
    remarks: tuple[str, ...]

    @property
    def frames_copied(self) -> int:
        return sum(each.frames_copied for each in self.instances)

    @property
    def frames_encoded(self) -> int:
        return sum(each.frames_encoded for each in self.instances)


def _silent(done: int, total: int) -> None: ...


def convert(
    source: Path,
    folder: Path,
    *,
    allowed: AllowList,
    subject: Subject,
    progress: Progress = _silent,
) -> Conversion:
    """Write `source` into `folder` as `level-0.dcm`, `level-1.dcm` ..., finest first.

    Only fields that `allowed` names survive; one it does not name stops the slide. Label and
    overview are left behind. Frames are copied byte for byte where DICOM has their compression;
    else they are encoded again: without loss where the source had none, as JPEG where it had.
    The same source, allow-list and subject give the same bytes. `progress(done, total)` counts
    frames. Raises `SlideError`, `StorageFullError`; then no instance of this slide is left.
    """
    with open_slide(source) as slide:
        kept, removed = sift(slide, allowed, subject)
        levels = _levels(slide, _mpp(slide, subject))
        writing = _Writing(
            folder=folder,
            subject=subject,
            scanner=slide.scanner(kept),
            profile=_profile(slide, allowed),
            base=levels[0],
            progress=progress,
            total=_total(levels),
        )
        written: list[ConvertedInstance] = []
        try:
            for level, source_level in zip(levels, slide.levels, strict=True):
                written.append(writing.level(level, source_level))
            if len(levels) == 1:
                written.extend(_reduced(writing, written[0]))
        except BaseException:
            for number in range(len(written) + 1):
                (folder / f"level-{number}.dcm").unlink(missing_ok=True)
            raise
        associated = tuple(
            Removal(each.place, each.flavour.value, Action.DROP) for each in slide.associated
        )
        remarks = (*slide.remarks, *_remarks(slide, written))
        return Conversion(slide.format, tuple(written), (*removed, *associated), remarks)


def _mpp(slide: VendorSlide, subject: Subject) -> tuple[float, float]:
    given = subject.mpp if subject.mpp is not None or slide.mpp else subject.mpp_if_absent
    if given is not None:
        if not 0 < given < 1000:
            raise SlideError("the given scale is not between 0 and 1000 µm per pixel.")
        return given, given
    if slide.mpp is None:
        raise SlideError(
            "the slide does not say how large its pixels are.",
            place=slide.place,
            rule="micrometres per pixel must be known",
            remedy="Give them yourself (--mpp, or pixel_spacing in the metadata), from the "
            "scanner's settings.",
        )
    return slide.mpp


def _levels(slide: VendorSlide, mpp: tuple[float, float]) -> list[Level]:
    base = slide.levels[0].columns, slide.levels[0].rows
    levels: list[Level] = []
    for index, level in enumerate(slide.levels):
        across, down = level_factor(base, (level.columns, level.rows))
        levels.append(
            Level(
                index=index,
                columns=level.columns,
                rows=level.rows,
                tile_columns=level.tile_columns,
                tile_rows=level.tile_rows,
                mpp_x=mpp[0] * across,
                mpp_y=mpp[1] * down,
            )
        )
    return levels


def _total(levels: list[Level]) -> int:
    generated = list(reduced_levels(levels[0])) if len(levels) == 1 else []
    return sum(level.frame_count for level in (*levels, *generated))


def _profile(slide: VendorSlide, allowed: AllowList) -> bytes:
    """The source's ICC profile where the allow-list keeps it, else sRGB."""
    if slide.profile is None:
        return srgb_profile()
    name, data = slide.profile
    is_usable = len(data) >= 128 and data[36:40] == b"acsp"
    return data if allowed.action(name) is Action.KEEP and is_usable else srgb_profile()


def _remarks(slide: VendorSlide, written: list[ConvertedInstance]) -> Iterator[str]:
    for level, instance in zip(slide.levels, written, strict=False):
        if instance.frames_encoded:
            kind = "as JPEG" if level.encoding.is_lossy else "without loss"
            yield f"{level.place}: {level.encoding.reason}; its tiles were encoded again {kind}."
    generated = len(written) - len(slide.levels)
    if generated:
        yield f"{slide.place}: {generated} reduced levels were made, because it had only one."


@dataclass
class _Writing:
    """What is the same for all levels of one conversion, and how far it has come."""

    folder: Path
    subject: Subject
    scanner: Scanner
    profile: bytes
    base: Level
    progress: Progress
    total: int
    done: int = 0

    def level(self, level: Level, source: SourceLevel) -> ConvertedInstance:
        """Write one level of the source."""
        encoding = source.encoding
        background = Background(encoding, level)
        frames = background.fill(source) if encoding.is_copied else _encoded(source, level)
        written, storage = self.write(level, _storage(encoding, level), frames)
        if encoding.is_copied:
            compare_frames(written.path, source)
        missing = background.used
        copied = level.frame_count - missing if encoding.is_copied else 0
        encoded = 0 if encoding.is_copied else level.frame_count
        return self.converted(
            written, level, storage, copied=copied, encoded=encoded, background=missing
        )

    def write(
        self, level: Level, storage: Storage, frames: Iterator[Frame]
    ) -> tuple[Written, Storage]:
        header = build_header(
            subject=self.subject,
            scanner=self.scanner,
            level=level,
            base=self.base,
            storage=storage,
            profile=self.profile,
        )
        path = self.folder / f"level-{level.index}.dcm"
        return write_instance(path, header, self._counted(frames)), storage

    def converted(
        self,
        written: Written,
        level: Level,
        storage: Storage,
        *,
        copied: int,
        encoded: int,
        background: int = 0,
    ) -> ConvertedInstance:
        return ConvertedInstance(
            path=written.path,
            level=level,
            sop_instance_uid=self.subject.uid(f"instance/{self.subject.image}/{level.index}"),
            transfer_syntax=storage.transfer_syntax,
            photometric=storage.photometric,
            size=written.size,
            sha256=written.sha256,
            frame_digests=written.frame_digests,
            frames_copied=copied,
            frames_encoded=encoded,
            frames_background=background,
        )

    def _counted(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        for frame in frames:
            yield frame
            self.done += 1
            if self.done % PROGRESS_STEP == 0 or self.done == self.total:
                self.progress(self.done, self.total)


def _storage(encoding: Encoding, level: Level) -> Storage:
    earlier = ((encoding.method, encoding.ratio),) if encoding.is_lossy and encoding.method else ()
    is_resampled = level.index > 0
    if encoding.is_copied:
        return Storage(encoding.transfer_syntax, encoding.photometric, earlier, is_resampled)
    if encoding.is_lossy:
        losses = (*earlier, ("ISO_10918_1", 0.0))
        return Storage(JPEG_BASELINE, YCBCR, losses, is_resampled)
    return Storage(JPEG_2000_LOSSLESS, "YBR_RCT", (), is_resampled)


def _encoded(source: SourceLevel, level: Level) -> Iterator[Frame]:
    is_lossy = source.encoding.is_lossy
    for index in range(level.frame_count):
        pixels = source.pixels(index)
        data = encode_jpeg(pixels, is_subsampled=True) if is_lossy else encode_jpeg2000(pixels)
        yield Frame(b"", data)


def _reduced(writing: _Writing, base: ConvertedInstance) -> Iterator[ConvertedInstance]:
    """Levels below the only one, each made from the one before it, JPEG in YCbCr."""
    finer = base
    for level in reduced_levels(finer.level):
        with FileSource(finer.path) as file:
            halved = HalvedLevel(open_tiles(file, place=finer.path.name), level)
            frames = _halved(halved)
            losses = (("ISO_10918_1", 0.0),)
            storage = Storage(JPEG_BASELINE, YCBCR, losses, is_resampled=True)
            done, storage = writing.write(level, storage, frames)
        finer = writing.converted(done, level, storage, copied=0, encoded=level.frame_count)
        yield finer


def _halved(halved: HalvedLevel) -> Iterator[Frame]:
    for index in range(halved.level.frame_count):
        pixels = halved.pixels(index)
        yield Frame(b"", encode_jpeg(pixels, quality=REDUCED_QUALITY, is_subsampled=True))
