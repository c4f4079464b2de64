"""Health: whether this process can reach what it needs."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from bigpicture.api.asking import NodeAsked

router = APIRouter(tags=["running"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/healthz")
def health(node: NodeAsked) -> Health:
    """Answer ok when records and objects can be reached, 503 when not."""
    with node.records.read() as connection:
        connection.execute(text("SELECT 1"))
    node.vault.check()
    return Health()
