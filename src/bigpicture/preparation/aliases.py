"""Aliases: keyed pseudonyms of local identifiers, and the key file that stays at the site."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bigpicture.model.entity import EntityKind
from bigpicture.model.errors import ConflictError, InputError
from bigpicture.system.files import create, write_through

_HEADINGS = ("local", "kind", "alias")
_NOT_KEPT = frozenset({EntityKind.OBSERVATION})
"""Their local names are what was stated, and nobody looks them up."""


@dataclass(slots=True)
class Aliases:
    """Makes aliases and remembers them; `pseudonym` is the site's (kind, local identifier).

    The same identifier gets the same alias in each dataset of a site, whoever makes it and when.
    """

    pseudonym: Callable[[str, str], str]
    held: dict[tuple[EntityKind, str], str] = field(
        default_factory=dict[tuple[EntityKind, str], str]
    )

    def __call__(self, kind: EntityKind, local: str) -> str:
        alias = self.held.get((kind, local))
        if alias is None:
            alias = self.held[kind, local] = self.pseudonym(f"alias/{kind}", local)
        return alias


def check_key_place(place: Path, dataset: Path) -> None:
    """Raise `InputError` where the key file would lie inside the dataset, and travel with it."""
    if place.resolve().is_relative_to(dataset.resolve()):
        raise InputError(
            "the key file would lie inside the dataset and leave the site with it.",
            place="--keys-out",
            rule="who is who stays at the site",
            remedy="Choose a place outside the dataset's folder.",
        )


def write_keys(place: Path, aliases: Aliases) -> int:
    """Add what is new to the key file (readable by its owner only), and return how much that is.

    What earlier batches wrote stays. Raises `ConflictError` where the file holds another alias for
    the same identifier: it was made under another key. Raises `InputError` where it is no key
    file, or cannot be written; then it is as it was.
    """
    held = _read(place)
    new = _kept(aliases)
    for (kind, local), alias in new.items():
        if held.setdefault((kind.value, local), alias) != alias:
            raise ConflictError(
                f"it holds another alias for the same {kind.label}: it was made with another key.",
                place=place.name,
                remedy="Give the key of that time with --key, or another file with --keys-out.",
            )
    _write(place, _text((local, kind, alias) for (kind, local), alias in held.items()))
    return len(new)


def keys_of(aliases: Aliases) -> bytes:
    """What a key file of these aliases alone holds."""
    return _text((local, kind, alias) for (kind, local), alias in _kept(aliases).items())


def _kept(aliases: Aliases) -> dict[tuple[EntityKind, str], str]:
    return {key: alias for key, alias in aliases.held.items() if key[0] not in _NOT_KEPT}


def _read(place: Path) -> dict[tuple[str, str], str]:
    if not place.exists():
        return {}
    try:
        rows = list(csv.reader(io.StringIO(place.read_text("utf-8-sig"), newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _no_key_file(place) from error
    if not rows or tuple(rows[0]) != _HEADINGS or any(len(row) != 3 for row in rows[1:]):
        raise _no_key_file(place)
    return {(kind, local): alias for local, kind, alias in rows[1:]}


def _no_key_file(place: Path) -> InputError:
    return InputError(
        "this is no key file.",
        place=place.name,
        rule=f"a CSV of {', '.join(_HEADINGS)}",
        remedy="Choose another file with --keys-out; this one was left as it is.",
    )


def _text(rows: Iterable[tuple[str, str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_HEADINGS)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


def _write(place: Path, data: bytes) -> None:
    """Write it aside and rename it: a key file is never half of itself."""
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # the mode counts where the platform knows it; elsewhere the folder's rights do
        with create(part) as file:
            file.write(data)
            write_through(file)
        part.replace(place)
    except OSError as error:
        raise InputError(
            f"the key file cannot be written ({error.strerror}).",
            place=place.name,
            remedy="Choose another place with --keys-out.",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink()
