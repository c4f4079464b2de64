"""`bigpicture standard`: what the standard asks for, row by row."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bigpicture.model.errors import InputError
from bigpicture.standard.explain import Explained, explained


def command(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="A number (6.2.9), a class (specimen), or part of a tag (spacing)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rules as JSON.")] = False,
) -> None:
    """Show the rules that a dataset is checked against, all or those that the words name."""
    found = [each for each in explained() if all(_names(each, word) for word in words or [])]
    if not found:
        raise InputError(
            "no rule has these words.",
            place=" ".join(words or []),
            remedy="Try fewer: bigpicture standard shows all rules.",
        )
    if as_json:
        sys.stdout.write(json.dumps([asdict(each) for each in found], indent=2) + "\n")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("rule", style="bold", no_wrap=True)
    table.add_column("where", ratio=4, overflow="fold")
    table.add_column("what it asks for", ratio=6, overflow="fold")
    table.add_column("binds", style="dim", no_wrap=True)
    for each in found:
        table.add_row(*(escape(text) for text in (each.number, each.where, each.asks, each.binds)))
    Console().print(table)


def _names(rule: Explained, word: str) -> bool:
    """A number names its row and those below it; other words stand in the class or the tag."""
    if word[0].isdigit():
        return rule.number == word or rule.number.startswith(f"{word}.")
    told = f"{rule.number} {rule.where} {rule.binds}".lower().replace("_", " ")
    return re.search(rf"\b{re.escape(word.lower().replace('_', ' '))}", told) is not None
