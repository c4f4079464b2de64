"""The site's key as a command uses it: made on first use, and said so once."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from bigpicture.cli.key_rights import tell_rights
from bigpicture.cli.plain import plain
from bigpicture.deidentify.derive import fingerprint_of
from bigpicture.deidentify.key_file import add_key, default_key_path, new_key, read_key
from bigpicture.deidentify.pseudonyms import Pseudonyms


def use_key(console: Console, key: Path | None) -> Pseudonyms:
    """Load the key; where there was none, make one and tell where it lies and what to back up."""
    place = key or default_key_path()
    is_new = add_key(new_key(place))
    secret = read_key(place).secret
    if is_new:
        console.print(
            f"A key was made for this site: [bold]{fingerprint_of(secret)}[/]\n"
            f"  It lies in {plain(str(place))} and never leaves this site.\n"
            "  Back it up: [bold]bigpicture site backup FILE[/]",
            highlight=False,
            soft_wrap=True,
        )
        tell_rights(console, place)
    return Pseudonyms(secret)
