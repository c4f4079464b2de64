"""What `bigpicture site` tells, laid out for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bigpicture.cli.plain import plain
from bigpicture.deidentify.derive import fingerprint_of
from bigpicture.deidentify.key_file import SiteKey
from bigpicture.deidentify.signature import public_line

AFTER_INIT = (
    (
        "Back it up now, apart from the slides: bigpicture site backup FILE, or --paper for a "
        "safe. Without it, a slide that is converted again gets other pseudonyms, and nobody can "
        "say any more whose slide one is."
    ),
    (
        "Whoever has it can test which patient a pseudonym belongs to. It is never sent anywhere; "
        "send it to nobody."
    ),
    (
        "Tell the fingerprint to the stewards of the node, by telephone or letter: by it they "
        "know that a report was signed here."
    ),
)
BEFORE_ROTATION = (
    (
        "From now on the same patient, case, slide and scanner get other pseudonyms, other unique "
        "identifiers and other shifted dates than before. By these, only who has both keys can "
        "join what was sent before with what is sent from now on."
    ),
    (
        "The old key is kept: it computes the earlier pseudonyms (--key FILE). While it exists, "
        "the earlier slides stay pseudonymous."
    ),
)
AFTER_ROTATION = (
    *BEFORE_ROTATION,
    (
        "Reports are signed with the new key: tell its fingerprint to the stewards, and back it "
        "up: bigpicture site backup FILE"
    ),
)
DESTRUCTION = (
    (
        "It means: with this machine, nobody computes or tests the pseudonyms made with it any "
        "more. It is a step from pseudonymous towards anonymous data."
    ),
    (
        "It does not mean that the slides are anonymous. Backups, paper and the maps from "
        "pseudonyms to sources (conversion-sources.csv) still lead back until they are destroyed "
        "as well; so does the original slide beside its copy, and so may the tissue itself, "
        "compared with another slide of the same person."
    ),
    (
        "Discs of flash, snapshots and file systems that copy on write may keep an old block for "
        "a while. An encrypted disc closes that gap."
    ),
)


def show_key(
    console: Console,
    key: SiteKey,
    retired: Sequence[SiteKey] = (),
    *,
    title: str,
    notes: Sequence[str] = (),
) -> None:
    """A panel with a key's fingerprint, its place, and what to know of it; never the secret."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("fingerprint", f"[bold]{fingerprint_of(key.secret)}[/]")
    if key.name:
        table.add_row("site", plain(key.name))
    table.add_row("place", plain(str(key.place)))
    table.add_row("made", key.made or "[dim]not told[/]")
    for old in retired:
        told = f"{fingerprint_of(old.secret)}\n[dim]{plain(str(old.place))}[/]"
        table.add_row("earlier key", told)
    parts = [table, *([Text(), _listed(notes)] if notes else [])]
    console.print(Panel(Group(*parts), title=title, title_align="left", expand=False))


def show_notes(console: Console, title: str, notes: Sequence[str]) -> None:
    console.print(Panel(_listed(notes), title=title, title_align="left", expand=False))


def _listed(notes: Sequence[str]) -> Table:
    """Each note behind a dot, under which none of its lines stands."""
    grid = Table.grid(padding=(0, 1))
    for note in notes:
        grid.add_row("[dim]·[/]", note)
    return grid


def show_paper(console: Console, key: SiteKey, lines: Sequence[str]) -> None:
    """The secret itself, to be printed: the one place where it is shown."""
    told = [f"# key of {key.name}" if key.name else "# key of a site"]
    told += [f"# fingerprint {fingerprint_of(key.secret)}"]
    told += [f"{number}: {line}" for number, line in enumerate(lines, 1)]
    for line in told:
        console.print(Text(line), soft_wrap=True)


def as_json(key: SiteKey, retired: Sequence[SiteKey] = ()) -> dict[str, object]:
    """What programs may know of a key."""
    told: dict[str, object] = {
        "fingerprint": fingerprint_of(key.secret),
        "place": str(key.place),
        "name": key.name,
        "made": key.made,
        "public_key": public_line(key.secret).strip(),
    }
    if retired:
        told["earlier"] = [as_json(old) for old in retired]
    return told


def files(paths: Sequence[Path]) -> str:
    return ", ".join(plain(str(path)) for path in paths)
