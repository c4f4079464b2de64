"""How cohorts are printed: tables and bars for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bigpicture.cli.plain import plain
from bigpicture.client.cohort import FrozenCohort, SavedCohort

Told = Mapping[str, Any]
_BAR = 28
_STRATA = 12


def show_list(console: Console, cohorts: Sequence[Told]) -> None:
    if not cohorts:
        console.print("There are none. Save one: bigpicture cohort save NAME QUESTION --node …")
        return
    table = _table("name", "question", "owner", "shared", "versions", "changed", "id")
    for each in cohorts:
        table.add_row(
            f"[bold]{plain(each['name'])}[/]",
            plain(each["question"] or "every image"),
            plain(each["owner"]),
            each["sharing"],
            str(each["versions"]),
            each["changed"][:10],
            f"[dim]{each['id']}[/]",
        )
    console.print(table)


def show_cohort(console: Console, cohort: SavedCohort, versions: Sequence[FrozenCohort]) -> None:
    told = cohort.told
    console.print(f"[bold]{plain(told['name'])}[/] [dim]{told['id']}[/]", highlight=False)
    console.print(f"{plain(told['question'] or 'every image')}", highlight=False)
    shared = {"private": "for you alone", "link": "for who has the link", "node": "for the node"}
    owner = "yours" if told["is_mine"] else f"of {plain(told['owner'])}"
    console.print(f"[dim]{owner}, {shared[told['sharing']]}[/]", highlight=False)
    if told["notes"]:
        console.print()
        for line in told["notes"].splitlines():
            console.print(plain(line), highlight=False)
    now = told["now"]
    console.print(
        f"\nNow: [bold]{_many(now['images'], 'image')}[/] of {_many(now['beings'], 'being')} in "
        f"{_many(len(now['parts']), 'dataset')} that you may open.",
        highlight=False,
    )
    if versions:
        table = _table("version", "frozen", "images", "SHA-256", "accession")
        for each in versions:
            table.add_row(
                str(each.number),
                each.told["frozen"][:16].replace("T", " "),
                each.told["images"] if each.is_whole else _of(each.told),
                each.digest[:12],
                each.accession or "",
            )
        console.print(table)


def show_version(console: Console, frozen: FrozenCohort) -> None:
    console.print(
        f"[bold]Version {frozen.number}[/]: {frozen.told['images']} images", highlight=False
    )
    console.print(f"SHA-256 {frozen.digest}", highlight=False, soft_wrap=True)
    show_hidden(console, frozen.told)


def show_comparison(console: Console, told: Told) -> None:
    later = f"version {told['later']}" if told["later"] else "now"
    console.print(
        f"[bold]Version {told['earlier']} and {later}[/]: {_many(told['kept'], 'image')} in both",
        highlight=False,
    )
    for name, sign, colour in (("entered", "+", "green"), ("left", "−", "red")):
        if not told[name]:
            console.print(f"Nothing {name}.")
            continue
        table = _table(name, "dataset", "because")
        for each in told[name]:
            table.add_row(
                f"[{colour}]{sign} {each['count']}[/]",
                plain(each["title"] or each["dataset"]),
                each["reason"],
            )
        console.print(table)
    for each in told["unseen"]:
        console.print(
            f"[dim]{plain(each['title'])} is in both, and not open to you: what changed there is "
            "not told.[/]",
            highlight=False,
        )


def show_split(console: Console, told: Told, written: Sequence[Path]) -> None:
    table = _table("part", "images", "share", "wanted", "groups", "")
    for each in told["parts"]:
        bar = "█" * round(_BAR * each["share"])
        table.add_row(
            f"[bold]{each['name']}[/]",
            f"{each['images']:,}",
            f"{each['share']:.1%}",
            f"[dim]{each['wanted']:.1%}[/]",
            f"{each['groups']:,}",
            f"[magenta]{bar}[/]",
        )
    console.print(table)
    if told["strata"]:
        names = [each["name"] for each in told["parts"]]
        strata = _table("stratum", *names)
        for each in told["strata"][:_STRATA]:
            strata.add_row(plain(each["label"]), *(f"{each['counts'][name]:,}" for name in names))
        console.print(strata)
        if len(told["strata"]) > _STRATA:
            console.print(f"[dim]and {len(told['strata']) - _STRATA:,} more strata[/]")
    for note in told["notes"]:
        console.print(f"[yellow]{plain(note)}[/]", highlight=False)
    if told["gone"]:
        console.print(f"[yellow]{told['gone']:,} images of the list were erased since.[/]")
    show_hidden(console, told)
    console.print(f"[dim]SHA-256 of the split {told['digest']}[/]", soft_wrap=True)
    for path in written:
        console.print(f"[bold green]Here:[/] {plain(str(path))}", highlight=False)


def show_request(console: Console, told: Told) -> None:
    if not told["needed"]:
        console.print("Everything that answers is open to you: there is nothing to ask for.")
        return
    table = _table("dataset", "beings", "apply")
    for each in told["needed"]:
        apply = (each["apply"] or each["contact"] or "ask the node").removeprefix("mailto:")
        table.add_row(plain(each["title"]), each["beings"], plain(apply))
    console.print(table)
    console.print("\n[dim]To copy and complete:[/]\n")
    for line in told["text"].splitlines():
        console.print(plain(line), highlight=False, soft_wrap=True)


def show_hidden(console: Console, told: Told) -> None:
    """The datasets of a list that are not open."""
    for each in told["hidden"]:
        why = "was withdrawn" if each["is_withdrawn"] else "is not open to you"
        console.print(
            f"[yellow]{plain(each['title'] or each['dataset'])} {why}: images {each['images']}.[/]",
            highlight=False,
        )


def _of(told: Told) -> str:
    return f"{told['open_images']:,} open of {told['images']}"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
