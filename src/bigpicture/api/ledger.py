"""The ledger: the record's checkpoint and tiles for everybody, proofs of events for auditors."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse

from bigpicture.api.asking import NodeAsked, SignedIn, require
from bigpicture.ledger.bundle import open_parts, to_texts
from bigpicture.ledger.prove import prove_event, prove_growth
from bigpicture.ledger.tile import TILE_HEIGHT, TILE_WIDTH
from bigpicture.ledger.tile import Place as TilePlace
from bigpicture.ledger.tree import Tiles, find_head
from bigpicture.model.errors import UnknownError
from bigpicture.model.merkle import DIGEST_BYTES
from bigpicture.model.person import Permission

router = APIRouter(tags=["ledger"])

_TILE = re.compile(
    r"(?P<groups>(?:x[0-9]{3}/){0,5})(?P<last>[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
_MOST = 2**62


class EventProofShown(BaseModel):
    event: int
    index: int = Field(description="of the leaf, from 0")
    size: int = Field(description="entries under the checkpoint")
    leaf: dict[str, object] = Field(description="what is hashed, as canonical JSON (RFC 8785)")
    leaf_hash: str = Field(description="SHA-256 of 0x00 and the leaf, base64")
    proof: list[str] = Field(description="RFC 6962 audit path, from the leaf up, base64")
    checkpoint: str = Field(description="signed note (C2SP tlog-checkpoint)")
    openings: dict[str, dict[str, object]] | None = Field(
        description="values and salts of the leaf's commitments, where they were asked for"
    )


class GrowthShown(BaseModel):
    earlier: int = Field(description="entries")
    later: int = Field(description="entries")
    proof: list[str] = Field(description="RFC 6962 consistency proof, base64")


@router.get("/ledger/checkpoint", response_class=PlainTextResponse)
def checkpoint(node: NodeAsked) -> PlainTextResponse:
    """Give the newest checkpoint of the record of events: its size and root, signed (C2SP)."""
    with node.records.read() as connection:
        note = find_head(connection).note
    if not note:
        raise UnknownError("nothing has been sequenced yet.", remedy="Ask again in some seconds.")
    return PlainTextResponse(note, headers={"Cache-Control": "public, max-age=2"})


@router.get("/ledger/tile/{level}/{place:path}", response_class=Response)
def tile(
    node: NodeAsked,
    level: Annotated[str, Path(pattern=r"^(0|[1-9][0-9]?)$")],
    place: Annotated[str, Path(max_length=40)],
) -> Response:
    """Give a tile of the record's Merkle tree: hashes, joined (C2SP tlog-tiles)."""
    found = _TILE.fullmatch(place)
    if found is None or int(level) > 63:
        raise _no_tile()
    number = int(found["groups"].replace("x", "").replace("/", "") + found["last"])
    if found["groups"].startswith("x000/"):
        raise _no_tile()
    width = int(found["width"] or TILE_WIDTH)
    with node.records.read() as connection:
        hashes = find_head(connection).size >> TILE_HEIGHT * int(level)
        if (number << TILE_HEIGHT) + width > hashes or (found["width"] and width >= TILE_WIDTH):
            raise _no_tile()
        held = Tiles(connection).tile(TilePlace(int(level), number))
    return Response(
        held[: width * DIGEST_BYTES],
        media_type="application/octet-stream",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


@router.get("/api/v1/ledger/proof")
def proof(
    node: NodeAsked,
    person: SignedIn,
    event: Annotated[int, Query(ge=1, le=_MOST, description="its number")],
    openings: Annotated[bool, Query(description="with values and salts")] = False,
) -> EventProofShown:
    """Prove that an event is in the record under the newest checkpoint."""
    require(person, Permission.EVENT_READ)
    with node.records.read() as connection:
        proven = prove_event(connection, event)
    return EventProofShown(
        event=event,
        index=proven.index,
        size=proven.size,
        leaf=dict(proven.leaf),
        leaf_hash=to_texts([proven.hashed])[0],
        proof=to_texts(proven.proof),
        checkpoint=proven.checkpoint,
        openings=open_parts(proven.openings) if openings else None,
    )


@router.get("/api/v1/ledger/consistency")
def consistency(
    node: NodeAsked,
    earlier: Annotated[int, Query(alias="from", ge=1, le=_MOST, description="entries then")],
    later: Annotated[
        int | None, Query(alias="to", ge=1, le=_MOST, description="entries later; all unless said")
    ] = None,
) -> GrowthShown:
    """Prove that the record of `to` entries begins with the record of `from` entries."""
    with node.records.read() as connection:
        size, path = prove_growth(connection, earlier, later)
    return GrowthShown(earlier=earlier, later=size, proof=to_texts(path))


def _no_tile() -> UnknownError:
    return UnknownError("there is no such tile.", rule="C2SP tlog-tiles")
