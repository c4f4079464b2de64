"""What `bigpicture slide` tells, laid out for a person at a terminal."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from bigpicture.cli.plain import plain
from bigpicture.deidentify.report import Report
from bigpicture.submission.describe import (
    FORMAT_NAMES,
    Described,
    DescribedChannel,
    DescribedLevel,
)
from bigpicture.submission.examine import Examined

_ACTIONS = {
    "keep": "kept",
    "drop": "removed",
    "pseudonym": "replaced by a pseudonym",
    "date": "dates replaced",
    "given": "replaced by the metadata's",
    "stop": "unknown",
}


def show_described(console: Console, slide: Described, *, name: str, report: Report | None) -> None:
    """Print what a slide is, its levels, what lies beside it, then what a conversion would do."""
    console.print(f"[bold]{plain(name)}[/]", highlight=False, soft_wrap=True)
    if report is not None:
        console.print(f"Converted by {plain(report.software)} as {plain(report.image)}.")
    console.print()
    console.print(_facts(slide))
    console.print()
    console.print(_levels(slide))
    console.print()
    if slide.channels:
        console.print(_channels(slide.channels))
        console.print()
    _show_associated(console, slide)
    if report is None:
        _show_conversion(console, slide)
    for remark in slide.remarks:
        console.print(_bullet(f"[dim]{plain(remark)}[/]"))


def _facts(slide: Described) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("format", plain(FORMAT_NAMES.get(slide.format, slide.format)))
    scanner = " ".join(part for part in (slide.maker, slide.model) if part)
    table.add_row("scanner", plain(scanner) or "[dim]not told[/]")
    if slide.magnification:
        table.add_row("objective", f"{slide.magnification:g}×")
    colour = "colour" if slide.samples > 1 else _count(len(slide.channels), "channel")
    planes = f", {slide.planes} focal planes" if slide.planes > 1 else ""
    apart = (
        f", {slide.plane_spacing:g} µm apart" if slide.planes > 1 and slide.plane_spacing else ""
    )
    table.add_row("pixels", f"{colour}, {slide.bits} bits{planes}{apart}")
    table.add_row("scale", _scale(slide))
    return table


def _scale(slide: Described) -> str:
    if slide.mpp is None:
        return (
            "[yellow]It does not say how large its pixels are.[/] "
            "Tell it when you convert it: --mpp 0.25, from the scanner's settings."
        )
    across, down = slide.mpp
    base = slide.levels[0]
    size = f"{base.columns * across / 1000:.3g} × {base.rows * down / 1000:.3g} mm"
    if f"{across:.4g}" == f"{down:.4g}":
        return f"{across:.4g} µm per pixel, {size}"
    return f"{across:.4g} × {down:.4g} µm per pixel, {size}"


def _levels(slide: Described) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("level", "pixels", "tile", "tiles", "µm/px"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("compression", no_wrap=True)
    table.add_column("converted", overflow="fold")
    for number, level in enumerate(slide.levels):
        table.add_row(
            str(number),
            f"{level.columns:,} × {level.rows:,}",
            f"{level.tile_columns} × {level.tile_rows}",
            f"{level.tiles:,}",
            f"{level.mpp[0]:.4g}" if level.mpp else "?",
            plain(level.compression),
            _becomes(level),
        )
    return table


def _becomes(level: DescribedLevel) -> str:
    return "[green]copied[/]" if level.is_copied else f"[yellow]to {plain(level.becomes)}[/]"


def _channels(channels: tuple[DescribedChannel, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("channel", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("dye", no_wrap=True)
    table.add_column("excitation", justify="right", no_wrap=True)
    table.add_column("emission", justify="right", no_wrap=True)
    for number, channel in enumerate(channels):
        red, green, blue = channel.colour or (128, 128, 128)
        table.add_row(
            str(number),
            f"[rgb({red},{green},{blue})]■[/]" if channel.colour else "[dim]·[/]",
            plain(channel.dye) or "[dim]not told[/]",
            f"{channel.excitation:g} nm" if channel.excitation else "[dim]?[/]",
            f"{channel.emission:g} nm" if channel.emission else "[dim]?[/]",
        )
    return table


def _show_associated(console: Console, slide: Described) -> None:
    if not slide.associated:
        return
    told = [
        f"{each.flavour.lower()} ({each.columns:,} × {each.rows:,})" for each in slide.associated
    ]
    console.print(f"Beside the tissue: {', '.join(told)}. Left behind on conversion.")
    console.print()


def _show_conversion(console: Console, slide: Described) -> None:
    """What is lost, encoded again or in the way."""
    verdict = (
        "[bold green]A conversion would go through.[/]"
        if slide.can_be_converted
        else "[bold yellow]As it is, a conversion would stop.[/]"
    )
    console.print(verdict)
    if slide.mpp is None:
        console.print(_bullet("It needs --mpp, the micrometres per pixel."))
    _show_names(console, "No rule names these fields", slide.unknown)
    _show_names(console, "These fields hold something else than their rule says", slide.misfits)
    reasons = dict.fromkeys(level.reason for level in slide.levels if not level.is_copied)
    for reason in reasons:
        count = sum(level.reason == reason and not level.is_copied for level in slide.levels)
        those = "All levels are" if count == len(slide.levels) else f"{count} of the levels are"
        those = "Its level is" if len(slide.levels) == 1 else those
        those = those.replace("1 of the levels are", "1 of the levels is")
        console.print(_bullet(f"{those} encoded again: {plain(reason)}."))
    if not reasons:
        console.print(_bullet("Every tile is copied as it is: no pixel changes."))
    if slide.generated:
        console.print(
            _bullet(
                f"{_count(slide.generated, 'reduced level')} would be made, to look at it whole."
            )
        )
    told = [f"{count} {_ACTIONS[action]}" for action, count in sorted(slide.actions.items())]
    if told:
        console.print(_bullet(f"Fields: {', '.join(told)}."))


def _show_names(console: Console, what: str, names: tuple[str, ...]) -> None:
    if names:
        console.print(_bullet(f"[yellow]{what}:[/] {', '.join(plain(each) for each in names)}."))


def show_examined(
    console: Console,
    found: Examined,
    *,
    name: str,
    report: Report | None,
    against: Path | None,
) -> None:
    """Print the faults with their places, then what was looked at and the verdict."""
    console.print(f"[bold]{plain(name)}[/]", highlight=False, soft_wrap=True)
    for fault in found.faults:
        console.print(
            Padding(f"[red]✗[/] [bold]{plain(fault.place)}[/]: {plain(fault.what)}", (0, 0, 0, 2)),
            highlight=False,
        )
    more = found.faults_found - len(found.faults)
    if more:
        console.print(Padding(f"[red]… and {more:,} more.[/]", (0, 0, 0, 2)))
    if found.frames:
        decoded = f"{found.frames_decoded:,} of {found.frames:,} tiles decode."
        console.print(_bullet(decoded, good=found.frames_decoded == found.frames))
    if report is not None:
        instances = _count(len(report.written), "instance")
        what = f"{instances}, {found.bytes:,} bytes: compared with the report."
        console.print(_bullet(what, good=found.is_sound))
        console.print(_bullet(f"[dim]made and signed under the key {plain(report.site)}[/]"))
    if against is not None:
        _show_against(console, found)
    if found.pixels_root:
        console.print(_bullet(f"[dim]root of all pixels {found.pixels_root}[/]"))
    console.print(
        "[bold green]It is sound.[/]"
        if found.is_sound
        else f"[bold red]It is not sound: {_count(found.faults_found, 'fault')}.[/]"
    )


def _show_against(console: Console, found: Examined) -> None:
    parts = [
        f"{found.frames_same:,} tiles are byte for byte those of the source",
        f"{found.frames_alike:,} were encoded again and show the same"
        if found.frames_alike
        else "",
        f"{found.frames_made:,} are not in the source (reduced levels, background)"
        if found.frames_made
        else "",
    ]
    console.print(_bullet("; ".join(part for part in parts if part) + ".", good=found.is_sound))


def _bullet(text: str, *, good: bool | None = None) -> Table:
    """A line with a mark before it, whose later lines stand under its first word."""
    mark = {None: "[dim]·[/]", True: "[green]✓[/]", False: "[red]✗[/]"}[good]
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(f"  {mark}", text)
    return grid


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
