"""Files: what a dataset consists of, for those who may take it away."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from bigpicture.access.decide import Purpose
from bigpicture.api.asking import Anyone, NodeAsked
from bigpicture.api.cohort_reach import address_of
from bigpicture.api.opening import open_dataset
from bigpicture.catalogue.face.signposts import header, item_links
from bigpicture.catalogue.files import DatasetFile, find_alias, list_documents, list_files
from bigpicture.model.errors import InputError
from bigpicture.sealing.header import HEADER_SIZE
from bigpicture.sealing.segments import KEY, sealed_size

router = APIRouter(prefix="/api/v1/datasets", tags=["files"])

MOST_FILES = 1000


class FileShown(BaseModel):
    path: str = Field(description="inside the dataset's folder, with /")
    size: int = Field(description="bytes")
    sha256: str | None = Field(
        description="of the bytes behind the first header_size; null where it is not known"
    )
    header_size: int = Field(description="of a file sealed for a recipient; else 0")
    address: str = Field(description="where its bytes are, by ranges too")


class FileList(BaseModel):
    folder: str = Field(description="the name of the dataset's folder, DATASET_…")
    items: list[FileShown]
    next: str | None


@router.get("/{accession}/files")
def files(
    request: Request,
    response: Response,
    node: NodeAsked,
    person: Anyone,
    accession: str,
    image: Annotated[
        str | None, Query(max_length=80, description="an image's files and the documents only")
    ] = None,
    recipient: Annotated[
        str | None,
        Query(max_length=64, description="Crypt4GH public key, base64url: files sealed for it"),
    ] = None,
    after: Annotated[str, Query(max_length=500, description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_FILES, description="files on a page")] = MOST_FILES,
) -> FileList:
    """List the files of a dataset that you may take away; the first page begins with documents."""
    open_dataset(node, person, accession, Purpose.DOWNLOAD)
    if recipient is not None:
        read_recipient(recipient)
    page = f"{address_of(node, request)}/datasets/{accession}"
    response.headers["Link"] = header(item_links(page))
    with node.records.read() as connection:
        alias = None if image is None else find_alias(connection, accession, image)
        found = list_files(connection, accession, image=alias, after=after, limit=limit + 1)
        described = [] if after else list_documents(connection, accession)
    return FileList(
        folder=f"DATASET_{accession}",
        items=[_shown(accession, each, recipient) for each in [*described, *found[:limit]]],
        next=found[limit - 1].path if len(found) > limit else None,
    )


def read_recipient(text: str) -> bytes:
    """A public key of 32 bytes from base64url; raises `InputError`."""
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY:
        raise InputError(
            "the recipient is no public key.",
            place="recipient",
            rule="the 32 bytes of a Crypt4GH public key, in base64url",
        )
    return key


def _shown(dataset: str, file: DatasetFile, recipient: str | None) -> FileShown:
    address = f"/files/{dataset}/{file.id}"
    if recipient is None:
        return FileShown(
            path=file.path, size=file.size, sha256=file.sha256, header_size=0, address=address
        )
    return FileShown(
        path=f"{file.path}.c4gh",
        size=HEADER_SIZE + sealed_size(file.size),
        sha256=file.body_sha256,
        header_size=HEADER_SIZE,
        address=f"{address}?recipient={recipient}",
    )
