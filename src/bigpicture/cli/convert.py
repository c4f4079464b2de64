"""`bigpicture convert`: vendor slides to de-identified DICOM, before anything leaves the site."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bigpicture.cli.convert_bars import Bars
from bigpicture.cli.convert_show import Outcome, show
from bigpicture.cli.few_walls import tell_few_walls
from bigpicture.cli.key_use import use_key
from bigpicture.cli.plain import plain, to_json
from bigpicture.deidentify.key_file import default_key_path
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.report import Report
from bigpicture.dicom.find import find_slides, holds_dicom
from bigpicture.dicom.open import belongings, endings
from bigpicture.model.dates import Dates
from bigpicture.model.errors import (
    BigpictureError,
    ConflictError,
    InputError,
    SlideError,
    StorageFullError,
)
from bigpicture.sandbox.run import Limits, Reach, Sandbox
from bigpicture.submission.cleaned_folder import copy_cleaned, read_cleaned
from bigpicture.submission.conversions import Conversion, Conversions, State, refused
from bigpicture.submission.convert import (
    REPORT_NAME,
    Converted,
    convert_slide,
    subject_from_pseudonyms,
)
from bigpicture.submission.look import draw_thumbnail
from bigpicture.submission.rewrite import SHIFTED, stem_of
from bigpicture.submission.sources import MAP_NAME, note_sources

_GIB = 1 << 30
_PICTURE_SIDE, _PICTURE_QUALITY = 240, 80
"""Of the pictures in the page: 8 kB each."""


def command(
    slides: Annotated[
        list[Path],
        typer.Argument(help="Slides of any format, or folders of them.", show_default=False),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Folder that gets one folder a slide, under a pseudonym.")
    ],
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="Look into the folders of a folder too.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what became of each slide as JSON.")
    ] = False,
    key: Annotated[
        Path | None,
        typer.Option(help="File of the pseudonym key; made on first use, never sent anywhere."),
    ] = None,
    dates: Annotated[
        Dates,
        typer.Option(
            help="Day of the scan: left out (1970-01-01), or moved by whole days, as many for all "
            "slides of a subject."
        ),
    ] = Dates.REMOVED,
    sources_map: Annotated[
        Path | None,
        typer.Option(
            "--map",
            help="CSV that says which slide got which pseudonym; it identifies, and stays here.",
            show_default="beside the key",
        ),
    ] = None,
    mpp: Annotated[
        float | None,
        typer.Option(help="Micrometres per pixel, where a slide does not say it itself."),
    ] = None,
    keep_overview: Annotated[
        bool,
        typer.Option(
            "--keep-overview",
            help="Keep the picture of the glass where nothing is written or stuck on it.",
        ),
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Slides converted at once.")] = 1,
    memory: Annotated[
        int, typer.Option(min=1, help="GiB of memory that the reading of one slide may take.")
    ] = 4,
    seconds: Annotated[
        int, typer.Option(min=1, help="Seconds that the reading of one slide may take.")
    ] = 4 * 3600,
) -> None:
    """Turn slides into de-identified DICOM whole-slide images.

    Each slide is read in a child process without rights. Only what a rule
    names is carried over; label and overview stay behind; every byte written
    is searched for what identified the slide, and regions are compared with
    the source. A slide that fails leaves nothing and stops no other.

    Of a folder, conversion.html beside the slides shows what became of each
    of them, and conversion.json tells it to programs; neither names a source.

    Interrupted? Run the same command again: finished slides are checked and
    not converted twice.

    Exit status: 0 where all slides are converted, 1 where one was not.
    """
    inside = {path: _inside(path, out=out, is_recursive=recursive) for path in slides}
    is_folder = any(found != [path] for path, found in inside.items())
    unique = {each.resolve(): each for found in inside.values() for each in found}
    sources = list(unique.values())
    place = _map_place(sources_map, key, out) if is_folder or sources_map else None
    pseudonyms = use_key(Console(stderr=True), key)
    images = [_image(pseudonyms, source) for source in sources]
    if place is not None:
        note_sources(place, [pair for pair in zip(images, sources, strict=True) if pair[0]])
    record = Conversions(out, images) if is_folder else None
    with Sandbox(
        preload=("bigpicture.submission.convert", "bigpicture.submission.look")
    ) as sandbox:
        tell_few_walls()
        batch = _Batch(
            out=out,
            pseudonyms=pseudonyms,
            mpp=mpp,
            dates=dates,
            keeps_overview=keep_overview,
            limits=Limits(memory_bytes=memory * _GIB, seconds=seconds),
            sandbox=sandbox,
            sources=sources,
            record=record,
        )
        outcomes = batch.run(jobs)
    if as_json:
        sys.stdout.write(to_json([outcome.as_json() for outcome in outcomes]) + "\n")
    else:
        show(Console(), outcomes, out, has_page=record is not None, sources_map=place)
    if any(outcome.result is None for outcome in outcomes):
        raise typer.Exit(1)


class _Batch:
    """The slides of one command: they share key, limits and sandbox, and no two a name."""

    def __init__(
        self,
        *,
        out: Path,
        pseudonyms: Pseudonyms,
        mpp: float | None,
        dates: Dates,
        keeps_overview: bool,
        limits: Limits,
        sandbox: Sandbox,
        sources: Sequence[Path],
        record: Conversions | None,
    ) -> None:
        self._out = out
        self._pseudonyms = pseudonyms
        self._mpp = mpp
        self._dates = dates
        self._keeps_overview = keeps_overview
        self._limits = limits
        self._sandbox = sandbox
        self._sources = sources
        self._record = record
        self._bars = Bars({source: _size(source) for source in sources})
        self._stopping = threading.Event()
        self._first: dict[str, Path] = {}
        for source in sources:
            if source.exists():
                self._first.setdefault(stem_of(source), source)

    def run(self, jobs: int) -> list[Outcome]:
        """Convert all slides, `jobs` at once; they stop where they are interrupted."""
        outcomes: list[Outcome] | None = None
        with self._bars, ThreadPoolExecutor(jobs) as pool:
            try:
                outcomes = list(pool.map(self._one, range(len(self._sources))))
            except KeyboardInterrupt:
                self._stopping.set()
                pool.shutdown(wait=False, cancel_futures=True)
                # Ends the children, so that the threads that wait for them go on.
                self._sandbox.close()
        if outcomes is None:
            # Said when the bars are gone, which would wipe it away.
            Console(stderr=True).print(
                "Interrupted: nothing half-written is left. Run the same command again to go on."
            )
            raise typer.Exit(130)
        if self._record is not None:
            try:
                self._record.end()
            except StorageFullError as error:
                Console(stderr=True).print(f"[yellow]The record is not of the last state: {error}")
        return outcomes

    def _one(self, number: int) -> Outcome:
        """Convert one slide; an error stops this slide and no other, but a full disk stops all."""
        source = self._sources[number]
        if self._stopping.is_set():
            return Outcome(source)
        self._bars.begin(source)
        name = plain(source.name)
        try:
            result = self._convert(source)
        except BigpictureError as error:
            if self._stopping.is_set():
                return Outcome(source)
            if isinstance(error, StorageFullError):
                self._stopping.set()
            self._note(number, refused(self._image(source), source, error))
            self._bars.end(source, f"[red]✗[/] {name} [dim]{plain(error.what)}[/]")
            return Outcome(source, error=error)
        state = State.UNCHANGED if result.was_there else State.CONVERTED
        told = Conversion(result.report.image, state, report=result.report)
        self._note(number, told, self._picture(result.folder))
        how = "unchanged" if result.was_there else _levels(len(result.instances))
        self._bars.end(source, f"[green]✓[/] {name} [dim]{how}[/]")
        return Outcome(source, result)

    def _convert(self, source: Path) -> Converted:
        if not source.exists():
            raise SlideError(
                "there is no such file.", place=source.name, remedy="Check its name and folder."
            )
        name = stem_of(source)
        _check_name(name)
        if self._first[name] != source:
            raise ConflictError(
                "another slide of this command has the same name.",
                place=source.name,
                rule="a slide's pseudonym is made from its name",
                remedy="Rename one of them, or convert them into different folders.",
            )
        cleaned = read_cleaned(source, self._pseudonyms)
        if cleaned is not None:
            self._check_cleaned(cleaned, source)
            return copy_cleaned(source, self._out / cleaned.image, cleaned)
        subject = subject_from_pseudonyms(self._pseudonyms, name, mpp=self._mpp)
        return convert_slide(
            source,
            self._out / subject.image,
            pseudonyms=self._pseudonyms,
            subject=subject,
            dates=self._dates,
            limits=self._limits,
            progress=lambda done, total: self._bars.show(source, done, total),
            sandbox=self._sandbox,
            may_replace=False,
            keeps_overview=self._keeps_overview,
        )

    def _check_cleaned(self, cleaned: Report, source: Path) -> None:
        """A clean slide stays as it is: nothing can be changed about it by the way."""
        is_dated = SHIFTED in cleaned.remarks
        if self._mpp is None and not (is_dated and self._dates is Dates.REMOVED):
            return
        raise ConflictError(
            "it was converted before, and a clean slide stays as it is.",
            place=source.name,
            rule="--mpp and --dates count when a scanner's own file is converted",
            remedy="Convert the scanner's own file again, or leave out the option"
            + (" (or give --dates shifted)." if is_dated else "."),
        )

    def _image(self, source: Path) -> str:
        return _image(self._pseudonyms, source)

    def _note(self, number: int, told: Conversion, picture: bytes | None = None) -> None:
        """Write it down; where the disk is full no slide is begun any more."""
        if self._record is None:
            return
        try:
            self._record.put(number, told, picture)
        except StorageFullError:
            self._stopping.set()

    def _picture(self, folder: Path) -> bytes | None:
        """What the page shows of a slide; one that cannot be drawn is no reason to stop."""
        if self._record is None or self._stopping.is_set():
            return None
        try:
            return self._sandbox.run(
                draw_thumbnail,
                folder,
                named={"size": _PICTURE_SIDE, "is_jpeg": True, "quality": _PICTURE_QUALITY},
                limits=self._limits,
                reach=Reach(readable=(folder,)),
            ).value.data
        except BigpictureError:
            return None


def _image(pseudonyms: Pseudonyms, source: Path) -> str:
    """The pseudonym of a slide's image; empty where its name is no text."""
    cleaned = read_cleaned(source, pseudonyms)
    if cleaned is not None:
        return cleaned.image
    name = stem_of(source)
    try:
        _check_name(name)
    except SlideError:
        return ""
    return pseudonyms.name("image", name)


def _check_name(name: str) -> None:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SlideError(
            "the file's name is not text.",
            rule="a slide's pseudonym is made from its name, in UTF-8",
            remedy="Rename it; it was probably copied from an old Windows share.",
        ) from error


def _inside(path: Path, *, out: Path, is_recursive: bool) -> list[Path]:
    """A folder of DICOM instances is one slide; any other folder stands for the slides in it."""
    is_slide = not path.is_dir() or holds_dicom(path)
    found = [path] if is_slide else []
    if path.is_dir() and (is_recursive or not is_slide):
        inside = find_slides(path, is_recursive=is_recursive, without=out)
        found += [each for each in inside if not _is_ours(each, out)]
    if not found:
        raise SlideError(
            "the folder holds no slides.",
            place=path.name,
            rule="files ending in "
            + ", ".join(sorted(endings() - {".dcm"}))
            + ", or DICOM instances",
            remedy="Name the slides themselves, or look into its folders with --recursive.",
        )
    return found


def _is_ours(path: Path, out: Path) -> bool:
    """Whether a folder is what an earlier run made: slides may be converted beside themselves."""
    return path.parent.resolve() == out.resolve() and (path / REPORT_NAME).is_file()


def _levels(count: int) -> str:
    return f"{count} level{'' if count == 1 else 's'}"


def _map_place(told: Path | None, key: Path | None, out: Path) -> Path | None:
    """Where sources and pseudonyms are noted: as told, or beside the key, never among the data."""
    place = told or (key or default_key_path()).parent / MAP_NAME
    if not place.resolve().is_relative_to(out.resolve()):
        return place
    if told is None:
        return None
    raise InputError(
        "it would lie among the converted slides and travel with them.",
        place="--map",
        rule="which slide got which pseudonym stays at the site",
        remedy="Choose a file outside of the folder of --out.",
    )


def _size(source: Path) -> int:
    """Bytes of everything a slide consists of."""
    total = 0
    for part in belongings(source):
        if part not in source.parents:
            files = part.rglob("*") if part.is_dir() else [part]
            total += sum(each.stat().st_size for each in files if each.is_file())
    return total
