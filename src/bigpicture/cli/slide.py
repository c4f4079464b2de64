"""`bigpicture slide`: what a slide is, a picture of it, and whether it is whole."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bigpicture.cli.plain import plain, to_json
from bigpicture.cli.slide_show import show_described, show_examined
from bigpicture.deidentify.report import Report
from bigpicture.deidentify.signature import fingerprint_told
from bigpicture.dicom.open import belongings
from bigpicture.model.errors import ConflictError, InputError, IntegrityError
from bigpicture.sandbox.run import Limits, Reach, Sandbox
from bigpicture.submission.convert import REPORT_NAME
from bigpicture.submission.describe import describe
from bigpicture.submission.examine import examine_converted, examine_source
from bigpicture.submission.look import Asked, Picture, draw_region, draw_thumbnail
from bigpicture.submission.rewrite import stem_of

app = typer.Typer(no_args_is_help=True)

T = TypeVar("T")

_GIB = 1 << 30
_PRELOAD = ("bigpicture.submission.look", "bigpicture.submission.examine")
_KINDS = {".png": False, ".jpg": True, ".jpeg": True}


class Unit(StrEnum):
    PX = "px"
    UM = "um"


Slide = Annotated[
    Path,
    typer.Argument(help="A slide of any format, or the folder of a DICOM slide."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="File to write, .png or .jpg.", show_default="named after it"),
]
Force = Annotated[bool, typer.Option("--force", help="Write over an existing file.")]
Memory = Annotated[int, typer.Option(min=1, help="GiB of memory that the reading may take.")]
Seconds = Annotated[int, typer.Option(min=1, help="Seconds that the reading may take.")]


@app.command()
def info(
    slide: Slide,
    as_json: AsJson = False,
    memory: Memory = 4,
    seconds: Seconds = 600,
) -> None:
    """Tell what a slide is, and what a conversion would do with it.

    Its levels, channels and scale, the images beside it that would stay
    behind, and what would stop a conversion. Names of fields may be shown,
    their values never.
    """
    described = _read(describe, slide, memory=memory, seconds=seconds)
    report = _report_of(slide)
    if as_json:
        told = {**asdict(described), "can_be_converted": described.can_be_converted}
        told["converted_as"] = report.image if report else None
        sys.stdout.write(to_json(told) + "\n")
    else:
        show_described(Console(), described, name=slide.name or str(slide), report=report)


@app.command()
def thumbnail(
    slide: Slide,
    out: Out = None,
    size: Annotated[
        int, typer.Option(min=16, max=8192, help="Pixels of the picture's longer side.")
    ] = 1024,
    force: Force = False,
    memory: Memory = 4,
    seconds: Seconds = 600,
) -> None:
    """Draw the whole slide small.

    The tissue only: the label and the overview are never drawn. The channels
    of a fluorescence slide are shown together, in their colours.
    """
    place = _place(out, slide, "thumbnail", force=force)
    picture = _read(
        draw_thumbnail,
        slide,
        named={"size": size, "is_jpeg": _KINDS[place.suffix.lower()]},
        memory=memory,
        seconds=seconds,
    )
    _write(place, picture)


@app.command()
def region(
    slide: Slide,
    x: Annotated[float, typer.Option("-x", help="Left edge, counted from the slide's left.")],
    y: Annotated[float, typer.Option("-y", help="Upper edge, counted from the slide's top.")],
    width: Annotated[float, typer.Option(help="Width of the region.")],
    height: Annotated[float, typer.Option(help="Height of the region.")],
    unit: Annotated[
        Unit, typer.Option(help="What these four are in: pixels of level 0, or micrometres.")
    ] = Unit.PX,
    level: Annotated[
        int | None, typer.Option(min=0, help="Draw the pixels of this level; 0 is the finest.")
    ] = None,
    mpp: Annotated[
        float | None, typer.Option(help="Draw it with so many micrometres per pixel.")
    ] = None,
    plane: Annotated[
        int | None,
        typer.Option(min=0, help="Focal plane, 0 is nearest to the glass.", show_default="middle"),
    ] = None,
    channel: Annotated[
        int | None, typer.Option(min=0, help="Channel, counted from 0.", show_default="all")
    ] = None,
    out: Out = None,
    force: Force = False,
    memory: Memory = 4,
    seconds: Seconds = 600,
) -> None:
    """Draw a part of a slide.

    The region is given in pixels of level 0 or in micrometres, at whatever
    level or scale it is drawn. Beyond the slide's edges is background.
    """
    _check_region(width, height, level, mpp)
    name = f"region-{x:g}-{y:g}-{width:g}x{height:g}{'' if unit is Unit.PX else 'um'}"
    place = _place(out, slide, name, force=force)
    asked = Asked(
        x=x, y=y, width=width, height=height, in_um=unit is Unit.UM,
        level=level, mpp=mpp, plane=plane, channel=channel,
    )  # fmt: skip
    picture = _read(
        draw_region,
        slide,
        asked,
        named={"is_jpeg": _KINDS[place.suffix.lower()]},
        memory=memory,
        seconds=seconds,
    )
    _write(place, picture)


@app.command()
def verify(
    slide: Annotated[
        Path,
        typer.Argument(help="A slide, or a folder that `convert` made."),
    ],
    against: Annotated[
        Path | None,
        typer.Option(help="The slide it was converted from: compare every tile with it."),
    ] = None,
    site: Annotated[
        str,
        typer.Option(
            help="Whose report it must be: the fingerprint of a site, or the file of its public "
            "key (`bigpicture site show --public`)."
        ),
    ] = "",
    as_json: AsJson = False,
    memory: Memory = 4,
    seconds: Seconds = 4 * 3600,
) -> None:
    """Read a slide from end to end, and tell every fault.

    Of a converted folder: sizes, digests and every frame are those of its
    report, all frames decode, and the report is signed by its site. Of any
    other slide: its structure is sound and every tile decodes.

    Exit status: 0 where it is sound, 1 where it is not.
    """
    report = _report_of(slide, is_strict=True)
    if report is None and (against is not None or site):
        raise InputError(
            "this folder has no report of a conversion.",
            place="--against" if against else "--site",
            rule=f"{REPORT_NAME} tells what was converted",
            remedy="Name a folder that `bigpicture convert` made.",
        )
    with _bar("reading") as progress:
        if report is None:
            found = _read(examine_source, slide, memory=memory, seconds=seconds, progress=progress)
        else:
            found = _read(
                examine_converted,
                slide,
                report,
                *((against,) if against else ()),
                beside=against,
                named={"site": fingerprint_told(site) if site else ""},
                memory=memory,
                seconds=seconds,
                progress=progress,
            )
    if as_json:
        sys.stdout.write(to_json({"is_sound": found.is_sound, **asdict(found)}) + "\n")
    else:
        show_examined(
            Console(), found, name=slide.name or str(slide), report=report, against=against
        )
    if not found.is_sound:
        raise typer.Exit(1)


def _read(
    function: Callable[..., T],
    slide: Path,
    *arguments: object,
    memory: int,
    seconds: int,
    beside: Path | None = None,
    named: dict[str, object] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> T:
    """Call `function` with the slide in a child process that may read it and nothing else."""
    readable: list[Path] = []
    for path in (slide, beside):
        if path is not None:
            _check_is_there(path)
            readable += belongings(path)
    with Sandbox(preload=_PRELOAD) as sandbox:
        return sandbox.run(
            function,
            slide,
            *arguments,
            named=named,
            limits=Limits(memory_bytes=memory * _GIB, seconds=seconds),
            reach=Reach(readable=tuple(readable)),
            progress=progress,
        ).value


def _check_is_there(path: Path) -> None:
    if not path.exists():
        raise InputError(
            "there is no such file.", place=path.name, remedy="Check its name and folder."
        )
    if not path.is_dir() and not path.is_file():
        raise InputError(
            "this is not a regular file.",
            place=path.name,
            remedy="Name a slide, or a folder of DICOM instances.",
        )


def _check_region(width: float, height: float, level: int | None, mpp: float | None) -> None:
    if not (0 < width < 1e9 and 0 < height < 1e9):
        raise InputError("a region is wider and higher than 0.", place="--width, --height")
    if level is not None and mpp is not None:
        raise InputError(
            "it can be drawn at a level or at a scale, not both.", place="--level, --mpp"
        )
    if mpp is not None and not 0 < mpp < 1e6:
        raise InputError("micrometres per pixel are more than 0.", place="--mpp")


def _report_of(folder: Path, *, is_strict: bool = False) -> Report | None:
    """The report of a folder that `convert` made; None of anything else."""
    if not folder.is_dir() or not (folder / REPORT_NAME).is_file():
        return None
    try:
        return Report.from_bytes((folder / REPORT_NAME).read_bytes())
    except OSError as error:
        raise InputError("it cannot be read.", place=REPORT_NAME) from error
    except IntegrityError:
        if is_strict:
            raise
        return None


def _place(out: Path | None, slide: Path, what: str, *, force: bool) -> Path:
    """Where a picture goes: as told, or into the current folder, named after the slide."""
    place = out or Path(f"{stem_of(slide.resolve())}-{what}.png")
    if place.suffix.lower() not in _KINDS:
        raise InputError(
            "a picture is written as PNG or JPEG.",
            place=place.name,
            remedy="Let its name end in .png or .jpg.",
        )
    if not place.parent.is_dir():
        raise InputError("there is no such folder.", place=str(place.parent))
    if place.exists() and not force:
        raise ConflictError(
            "this file exists.",
            place=place.name,
            remedy="Choose another name with --out, or write over it with --force.",
        )
    return place


def _write(place: Path, picture: Picture) -> None:
    """Write the picture whole or not at all, and say where it is."""
    half = place.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        half.write_bytes(picture.data)
        half.replace(place)
    except OSError as error:
        raise InputError(
            f"the picture cannot be written ({error.strerror}).", place=place.name
        ) from error
    finally:
        half.unlink(missing_ok=True)
    console = Console(stderr=True)
    scale = f", {picture.mpp[0]:.4g} µm per pixel" if picture.mpp else ""
    console.print(
        f"[bold]{plain(str(place))}[/]: {picture.columns:,} × {picture.rows:,} pixels{scale}, "
        f"from level {picture.level}.",
        highlight=False,
        soft_wrap=True,
    )
    if picture.is_outside:
        console.print("[yellow]Nothing of the slide lies in this region: it is background.[/]")


@contextmanager
def _bar(what: str) -> Generator[Callable[[int, int], None]]:
    """A bar on the error stream, so that pipes stay clean; none where nobody looks at it."""
    console = Console(stderr=True)
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        expand=True,
        disable=not console.is_terminal,
    )
    with bars:
        task = bars.add_task(what, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
