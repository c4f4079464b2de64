"""About: what this node is."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from bigpicture import __version__
from bigpicture.api.asking import NodeAsked
from bigpicture.settings import Intake

router = APIRouter(prefix="/api/v1/node", tags=["node"])


class NodeShown(BaseModel):
    name: str
    version: str
    center: str
    intake: Intake
    is_sealed: bool
    counts: dict[str, int]


@router.get("")
def about(node: NodeAsked) -> NodeShown:
    """Say what this node is called, takes in and has published."""
    return NodeShown(
        name=node.settings.node_name,
        version=__version__,
        center=node.settings.center,
        intake=node.settings.intake,
        is_sealed=node.seals.current().node is not None,
        counts=node.catalogue.count(),
    )
