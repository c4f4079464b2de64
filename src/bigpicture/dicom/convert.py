"""Converts a vendor's slide to a de-identified DICOM whole-slide image, copying its frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bigpicture.dicom.background import Background
from bigpicture.dicom.codecs import JPEG_2000_LOSSLESS, JPEG_BASELINE, QUALITY, REDUCED_QUALITY
from bigpicture.dicom.colour import srgb_profile
from bigpicture.dicom.compare import compare_frames, share
from bigpicture.dicom.display import brightest_values
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.frame_digest import FrameDigest
from bigpicture.dicom.header import UNTOLD_SPACING, Storage, build_header, spacing_mpp
from bigpicture.dicom.icc import without_texts
from bigpicture.dicom.jpeg import YCBCR
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.optical_path import Optics
from bigpicture.dicom.original import Original, open_original
from bigpicture.dicom.overview import OVERVIEW_NAME, write_overview
from bigpicture.dicom.recode import encode, storage_of
from bigpicture.dicom.reduce import HalvedLevel, reduced_levels
from bigpicture.dicom.scale import level_factor
from bigpicture.dicom.sift import Removal, sift
from bigpicture.dicom.slide import (
    Encoding,
    Frame,
    Pixels,
    Scanner,
    SourceLevel,
    Stack,
    VendorSlide,
)
from bigpicture.dicom.subject import Subject
from bigpicture.dicom.tiles import open_tiles
from bigpicture.dicom.witness import Witnessed, kind_of, witness_instance
from bigpicture.dicom.write import write_instance
from bigpicture.model.allowance import Action, AllowList
from bigpicture.model.errors import IntegrityError, SlideError
from bigpicture.model.image import Level
from bigpicture.model.merkle import DIGEST_BYTES, merkle_root

Progress = Callable[[int, int], None]
PROGRESS_STEP = 256


@dataclass(frozen=True, slots=True)
class ConvertedInstance:
    """One written level.

    `frames_root` is the Merkle root, in hexadecimal, over the digests (`frame_digest`) of its
    frames: on a copy each was found equal in the source. `frames_compared` tells how many were
    decoded and compared with the source as well.
    """

    path: Path
    level: Level
    sop_instance_uid: str
    transfer_syntax: str
    photometric: str
    size: int
    sha256: str
    frames_root: str
    frames_copied: int
    frames_encoded: int
    frames_background: int
    frames_compared: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a conversion did. No value of the source is in it, only places and names."""

    format: str
    instances: tuple[ConvertedInstance, ...]
    removed: tuple[Removal, ...]
    remarks: tuple[str, ...]
    beside: tuple[ConvertedInstance, ...] = ()
    """What is no level: the overview, where one was written."""

    @property
    def pixels_root(self) -> str:
        """The Merkle root of the image, over the roots of its instances, finest first."""
        return merkle_root([bytes.fromhex(each.frames_root) for each in self.instances]).hex()

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
    overview: Pixels | None = None,
    progress: Progress = _silent,
) -> Conversion:
    """Write `source` into `folder` as `level-0.dcm`, `level-1.dcm` ..., finest first.

    Only fields that `allowed` names survive; one it does not name stops the slide. Images beside
    the tissue are left behind; `overview`, a picture of the glass that the caller found clean, is
    written as `overview.dcm`. Frames are copied byte for byte where DICOM has their compression;
    else they are encoded again: without loss where the source had none, as JPEG where it had.
    The same source, allow-list and subject give the same bytes. `progress(done, total)` counts
    frames. Raises `SlideError`, `StorageFullError`; then no instance of this slide is left.
    """
    names = _names(source)
    files: list[FileSource] = []
    with open_original(source) as original, open_slide(source, opened=files) as slide:
        kept, removed = sift(slide, allowed, subject)
        levels = _levels(slide, _as_written(_mpp(slide, subject)))
        writing = _Writing(
            folder=folder,
            subject=subject,
            scanner=slide.scanner(kept),
            optics=_optics(slide, allowed, kept),
            base=levels[0],
            original=original,
            progress=progress,
            total=_total(levels),
        )
        written: list[ConvertedInstance] = []
        try:
            shares = share(levels)
            for level, source_level, count in zip(levels, slide.levels, shares, strict=True):
                written.append(writing.level(level, source_level, compared=count))
            written.extend(_reduced(writing, written[-1]))
            beside = () if overview is None else (_overview(writing, overview, len(written)),)
            _check_unchanged(source, files, names)
        except BaseException:
            for number in range(len(written) + 1):
                (folder / f"level-{number}.dcm").unlink(missing_ok=True)
            (folder / OVERVIEW_NAME).unlink(missing_ok=True)
            raise
        associated = tuple(
            Removal(each.place, each.flavour.value, Action.DROP) for each in slide.associated
        )
        remarks = (*slide.remarks, *_remarks(slide, written))
        return Conversion(slide.format, tuple(written), (*removed, *associated), remarks, beside)


def _mpp(slide: VendorSlide, subject: Subject) -> tuple[float, float]:
    given = subject.mpp if subject.mpp is not None or slide.mpp else subject.mpp_if_absent
    if given is not None:
        if not 0 < given < 1000:
            raise SlideError(
                "the given scale is not between 0 and 1000 µm per pixel.",
                remedy="Give micrometres per pixel: 0.25 at 40x, as a rule.",
            )
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


def _as_written(mpp: tuple[float, float]) -> tuple[float, float]:
    """The scale as a decimal string of the header holds it, from which all others follow."""
    return spacing_mpp(mpp[0]), spacing_mpp(mpp[1])


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
                focal_planes=level.stack.planes,
                optical_paths=level.stack.paths,
            )
        )
    return levels


def _total(levels: list[Level]) -> int:
    return sum(level.frame_count for level in (*levels, *reduced_levels(levels[-1])))


def _optics(slide: VendorSlide, allowed: AllowList, kept: Mapping[str, str]) -> Optics:
    return Optics(
        profile=_profile(slide, allowed),
        channels=tuple(slide.channels(kept)),
        brightest=brightest_values(slide.levels[-1]),
        plane_spacing=slide.plane_spacing,
        placement=slide.placement,
    )


def _profile(slide: VendorSlide, allowed: AllowList) -> bytes:
    """The colours of the source's ICC profile where the allow-list keeps it, else sRGB."""
    if slide.profile is None:
        return srgb_profile()
    name, data = slide.profile
    ours = srgb_profile()
    if allowed.action(name) is not Action.KEEP or data.rstrip(b"\0") == ours.rstrip(b"\0"):
        return ours
    try:
        return without_texts(data, place=slide.place)
    except SlideError:
        return ours


def _remarks(slide: VendorSlide, written: list[ConvertedInstance]) -> Iterator[str]:
    for level, instance in zip(slide.levels, written, strict=False):
        if instance.frames_encoded:
            is_jpeg = instance.transfer_syntax == JPEG_BASELINE
            kind = f"as JPEG of quality {QUALITY}" if is_jpeg else "without loss"
            yield f"{level.place}: {level.encoding.reason}; its tiles were encoded again {kind}."
    generated = len(written) - len(slide.levels)
    if generated:
        yield f"{slide.place}: {generated} reduced levels were made, because the others are large."
    if slide.levels[0].stack.planes > 1 and not slide.plane_spacing:
        yield (
            f"{slide.place}: it does not say how far its focal planes lie apart; "
            f"{UNTOLD_SPACING:g} µm stands in the header."
        )


@dataclass(frozen=True, slots=True)
class _Proof:
    """What was seen of an instance; the digests of its frames stand in their root."""

    size: int
    sha256: str
    frames_root: str

    @classmethod
    def of(cls, seen: Witnessed, root: str | None = None) -> _Proof:
        """`root` where it was computed before, over the same digests."""
        return cls(seen.size, seen.sha256, root or seen.frames_root)


@dataclass
class _Writing:
    """What is the same for all levels of one conversion, and how far it has come."""

    folder: Path
    subject: Subject
    scanner: Scanner
    optics: Optics
    base: Level
    original: Original
    progress: Progress
    total: int
    done: int = 0

    def level(self, level: Level, source: SourceLevel, *, compared: int) -> ConvertedInstance:
        """Write one level of the source, `compared` of whose frames are decoded again."""
        encoding = source.encoding
        storage = storage_of(encoding, source.stack, is_resampled=level.index > 0)
        if not encoding.is_copied:
            frames = encode(source.pixels, level.frame_count, storage)
            is_exact = storage.transfer_syntax == JPEG_2000_LOSSLESS
            return self.encoded(
                level, storage, frames, source=source, compared=compared if is_exact else 0
            )
        background = Background(encoding, level, source.stack)

        def check(path: Path) -> _Proof:
            # First, because the other process may still be reading the source.
            compare_frames(path, source, count=compared)
            came, root = self.original.digests()
            sha256 = self.original.hash_copy(path)
            seen = witness_instance(path, place=self.path(level).name, sha256=sha256)
            is_same = _check_copied(seen, came, self.path(level).name)
            return _Proof.of(seen, root if is_same else None)

        seen = self.write(level, storage, background.fill(source), check)
        return self.converted(
            seen,
            level,
            storage,
            copied=level.frame_count - background.used,
            background=background.used,
            compared=compared,
        )

    def encoded(
        self,
        level: Level,
        storage: Storage,
        frames: Iterator[Frame],
        *,
        source: SourceLevel | None = None,
        compared: int = 0,
    ) -> ConvertedInstance:
        """Write frames that were encoded here; `compared` of them must equal their `source`."""
        digest = FrameDigest(kind_of(storage.transfer_syntax))
        came = bytearray()

        def passing() -> Iterator[Frame]:
            for frame in frames:
                came.extend(digest.digest(frame.body))
                yield frame

        def check(path: Path) -> _Proof:
            seen = witness_instance(path, place=self.path(level).name)
            _check_copied(seen, came, self.path(level).name)
            if source is not None and compared:
                compare_frames(path, source, count=compared)
            return _Proof.of(seen)

        seen = self.write(level, storage, passing(), check)
        return self.converted(seen, level, storage, encoded=level.frame_count, compared=compared)

    def path(self, level: Level) -> Path:
        return self.folder / f"level-{level.index}.dcm"

    def write(
        self,
        level: Level,
        storage: Storage,
        frames: Iterator[Frame],
        check: Callable[[Path], _Proof],
    ) -> _Proof:
        header = build_header(
            subject=self.subject,
            scanner=self.scanner,
            level=level,
            base=self.base,
            storage=storage,
            optics=self.optics,
        )
        return write_instance(self.path(level), header, self._counted(frames), check=check)

    def converted(
        self,
        seen: _Proof,
        level: Level,
        storage: Storage,
        *,
        copied: int = 0,
        encoded: int = 0,
        background: int = 0,
        compared: int = 0,
    ) -> ConvertedInstance:
        return ConvertedInstance(
            path=self.path(level),
            level=level,
            sop_instance_uid=self.subject.instance_uid(level.index),
            transfer_syntax=storage.transfer_syntax,
            photometric=storage.photometric,
            size=seen.size,
            sha256=seen.sha256,
            frames_root=seen.frames_root,
            frames_copied=copied,
            frames_encoded=encoded,
            frames_background=background,
            frames_compared=compared,
        )

    def _counted(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        for frame in frames:
            yield frame
            self.done += 1
            if self.done % PROGRESS_STEP == 0 or self.done == self.total:
                self.progress(self.done, self.total)


def _check_copied(seen: Witnessed, wanted: bytes | bytearray, place: str) -> bool:
    """Every frame has the digest it had in the source, but those that the source did not have.

    Returns whether the source had them all.
    """
    if seen.frame_digests == wanted:
        return True
    words = DIGEST_BYTES // np.dtype(np.uint64).itemsize
    before = np.frombuffer(wanted, np.uint64).reshape(-1, words)
    after = np.frombuffer(seen.frame_digests, np.uint64).reshape(-1, words)
    missing = ~before.any(axis=1)
    is_same = len(before) == len(after) and bool(((before == after).all(axis=1) | missing).all())
    if not is_same:
        raise IntegrityError(
            "frames are not on disk as they are in the source.",
            place=place,
            rule="the frame header, the tables in force and the coded data of a copy are unchanged",
            remedy="Check the disk, then convert the slide again; if it stays so, report the "
            "slide's format.",
        )
    return False


def _reduced(writing: _Writing, coarsest: ConvertedInstance) -> Iterator[ConvertedInstance]:
    """Levels below the coarsest one, each made from the one before it.

    Colour becomes JPEG, whatever the source was; intensities stay without loss.
    """
    finer = coarsest
    for level in reduced_levels(coarsest.level):
        with FileSource(finer.path) as file:
            tiles = open_tiles(file, place=finer.path.name)
            halved = HalvedLevel(tiles, level)
            stack = Stack(
                samples=tiles.instance.samples,
                bits=tiles.instance.bits,
                planes=level.focal_planes,
                paths=level.optical_paths,
                used=tiles.form.stored,
            )
            lossy = Encoding("", "RGB", is_lossy=stack.samples > 1)
            storage = storage_of(lossy, stack, is_resampled=True)
            frames = encode(halved.samples, level.frame_count, storage, quality=REDUCED_QUALITY)
            finer = writing.encoded(level, storage, frames)
        yield finer


def _overview(writing: _Writing, picture: Pixels, number: int) -> ConvertedInstance:
    level, uid, seen = write_overview(
        writing.folder, picture, subject=writing.subject, scanner=writing.scanner, number=number
    )
    return ConvertedInstance(
        path=writing.folder / OVERVIEW_NAME,
        level=level,
        sop_instance_uid=uid,
        transfer_syntax=JPEG_BASELINE,
        photometric=YCBCR,
        size=seen.size,
        sha256=seen.sha256,
        frames_root=seen.frames_root,
        frames_copied=0,
        frames_encoded=1,
        frames_background=0,
        frames_compared=0,
    )


def _names(path: Path) -> list[str]:
    """What lies in a folder; nothing where the slide is a file."""
    return sorted(each.name for each in path.iterdir()) if path.is_dir() else []


def _check_unchanged(path: Path, files: list[FileSource], names: list[str]) -> None:
    """Raise `SlideError` where a file that was read is another one now, or one came or went."""
    for file in files:
        file.check_unchanged()
    if _names(path) != names:
        raise SlideError(
            "files came or went while the folder was read.",
            place=path.name,
            rule="a slide is converted from one state of its files",
            remedy="Wait until the scanner or the copy has finished, then convert it again.",
        )
