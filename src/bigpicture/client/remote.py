"""Remote: the files that a node offers of a dataset, or of what a manifest lists."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bigpicture.client.node import Node
from bigpicture.model.errors import ForbiddenError, InputError
from bigpicture.model.export_form import Form
from bigpicture.model.identifiers import Accession, AccessionKind
from bigpicture.submission.layout import safe_parts

_MOST_BYTES = 64 << 20
_KINDS = (AccessionKind.DATASET, AccessionKind.IMAGE, AccessionKind.COHORT)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a dataset at a node; `path` begins with the dataset's folder.

    `sha256` is of the bytes behind the first `header_size`; empty where the node does not know it.
    """

    path: str
    size: int
    sha256: str
    header_size: int
    address: str


def read_wanted(text: str) -> Sequence[Accession]:
    """The accessions that an argument names: of a dataset, image or cohort, or a manifest of many.

    A manifest is a text file with an accession a line; empty lines and what follows `#` are
    left out. Raises `InputError`, which names the line.
    """
    named = _accession(text)
    if named:
        return [named]
    path = Path(text)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError("a manifest is not as large as this.", place=path.name)
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise InputError(
            "this is no accession, and no manifest that can be read.",
            place=path.name,
            rule="an accession (bb-dataset-…), or a text file with one on each line",
        ) from error
    wanted: dict[Accession, None] = {}
    for number, line in enumerate(lines, start=1):
        entry = line.partition("#")[0].strip()
        named = _accession(entry)
        if named:
            wanted[named] = None
        elif entry:
            raise InputError(
                "there is no accession of a dataset, an image or a cohort on this line.",
                place=f"{path.name}, line {number}",
                rule="bb-dataset-…, bb-image-… or bb-cohort-…, one on each line",
            )
    if not wanted:
        raise InputError("the manifest lists nothing.", place=path.name)
    return list(wanted)


def list_remote(
    node: Node, wanted: Sequence[Accession], *, recipient: bytes | None = None
) -> list[RemoteFile]:
    """Every file of these datasets, images and cohorts, each once.

    With a `recipient` (a Crypt4GH public key) they come sealed for it. Raises what the node
    refuses with, and `InputError` where it names a path that leads elsewhere.
    `ForbiddenError` where a cohort is not open as a whole.
    """
    key = None if recipient is None else base64.urlsafe_b64encode(recipient).decode().rstrip("=")
    found: dict[str, RemoteFile] = {}
    for accession in _expanded(node, wanted):
        image = accession if accession.kind is AccessionKind.IMAGE else None
        known = node.get(f"/api/v1/images/{image}") if image else None
        dataset = known["dataset"]["accession"] if known else accession
        after: str | None = None
        while True:
            page = node.get(
                f"/api/v1/datasets/{dataset}/files", image=image, recipient=key, after=after
            )
            for item in page["items"]:
                file = _read_item(page["folder"], item)
                found[file.path] = file
            after = page["next"]
            if not after:
                break
    return list(found.values())


def _expanded(node: Node, wanted: Sequence[Accession]) -> Iterator[Accession]:
    """The images of a cohort in its place."""
    for accession in wanted:
        if accession.kind is not AccessionKind.COHORT:
            yield accession
            continue
        door = f"/api/v1/cohorts/by-accession/{accession}/export"
        told = node.get(door, form=Form.JSON)
        if not told["cohort"]["is_whole"]:
            raise ForbiddenError(
                "not all of this cohort is there for you.",
                place=accession,
                rule=str(told["cohort"]["missing"]),
                remedy=f"Take what is: save the list {node.url}{door} and give it as manifest.",
            )
        for each in told["images"]:
            yield Accession.parse(each["accession"])


def _read_item(folder: str, item: dict[str, Any]) -> RemoteFile:
    path = f"{folder}/{item['path']}"
    safe_parts(path)
    address = str(item["address"])
    if not address.startswith("/") or address.startswith("//"):
        raise InputError("the node names an address that is not its own.", place=path)
    return RemoteFile(
        path=path,
        size=max(0, int(item["size"])),
        sha256=str(item["sha256"] or ""),
        header_size=int(item["header_size"]),
        address=address,
    )


def _accession(text: str) -> Accession | None:
    try:
        accession = Accession.parse(text)
    except InputError:
        return None
    return accession if accession.kind in _KINDS else None
