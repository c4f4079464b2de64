"""`bigpicture validate --fix`: write the documents that were mended, whole or not at all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bigpicture.metaflex.write import write_document
from bigpicture.model.errors import InputError
from bigpicture.model.finding import Finding
from bigpicture.standard.fill import Filling
from bigpicture.standard.folder import Folder
from bigpicture.standard.mend import mended
from bigpicture.system.files import write_through


def mend(folder: Path, contents: Folder, *, filling: Filling) -> Folder:
    """Write what can be mended, and return the folder as it is then.

    `filling` is what the slides say of their images. Comments and the order of all things stay;
    the layout becomes ours. Raises `InputError` where a document cannot be written, which is then
    as it was.
    """
    changed = mended(contents.documents, filling)
    written = {name: write_document(each) for name, each in changed.items()}
    for name, data in written.items():
        _write(folder / name, data)
    digests = {
        name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in written.items()
    }
    return replace(
        contents,
        documents={**contents.documents, **written},
        files={**contents.files, **digests},
    )


def _write(place: Path, data: bytes) -> None:
    part = place.with_name(f".{place.name}.part")
    try:
        with part.open("wb") as stream:
            stream.write(data)
            write_through(stream)
        part.replace(place)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise InputError(
            f"it cannot be written: {error.strerror}.",
            place=str(place),
            remedy="Give yourself the right to write it; it is as it was.",
        ) from error


def tell_mended(console: Console, before: Sequence[Finding], after: Sequence[Finding]) -> None:
    """Say what was mended, by file and rule."""
    gone = Counter(_key(each) for each in before) - Counter(_key(each) for each in after)
    if not gone:
        console.print("Nothing could be mended without you.")
    by_file = Counter[tuple[str, str]]()
    for (file, rule, _), count in gone.items():
        by_file[file, rule] += count
    for (file, rule), count in sorted(by_file.items()):
        times = "" if count == 1 else f", {count} times"
        console.print(f"mended {escape(file)}: [bold]{escape(rule)}[/]{times}")


def _key(finding: Finding) -> tuple[str, str, str]:
    """A finding without its line, which mending moves."""
    return finding.place.file, finding.rule, f"{finding.entity} {finding.what}"
