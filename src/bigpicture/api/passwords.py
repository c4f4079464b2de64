"""Passwords: one's own, changed by oneself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from bigpicture.access.change_password import change_password
from bigpicture.api.asking import NodeAsked, SessionSignedIn

router = APIRouter(prefix="/api/v1/people", tags=["people"])


class PasswordWanted(BaseModel):
    old: Annotated[str, StringConstraints(max_length=1024)]
    password: Annotated[str, StringConstraints(max_length=1024)]
    ends_tokens: bool = Field(default=False, description="tokens of programs end as well")


class PasswordChanged(BaseModel):
    ended: int = Field(description="other sessions and tokens that ended")


@router.post("/me/password")
def change(node: NodeAsked, session: SessionSignedIn, wanted: PasswordWanted) -> PasswordChanged:
    """Change your password: all your other sessions end."""
    ended = change_password(
        node.records,
        node.throttle,
        session.person,
        old=wanted.old,
        new=wanted.password,
        keep=session.token,
        ends_tokens=wanted.ends_tokens,
        words=(node.settings.node_name,),
    )
    node.sessions.outdate()
    return PasswordChanged(ended=ended)
