"""The JSON of commands: what each says to an application."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bigpicture.api.application_shapes import Members
from bigpicture.model.grant import GrantUse
from bigpicture.model.voting import Choice

Text = Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"\S")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Version = Annotated[int, Field(ge=1, le=1_000_000)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Plain(_Said):
    command: Literal["submit", "resubmit", "withdraw", "screen", "renew"]


class Accept(_Said):
    command: Literal["accept", "sign"]
    agreement: Name
    version: Version


class Declare(_Said):
    command: Literal["declare"]
    has_conflict: bool
    text: Annotated[str, Field(max_length=10_000)] = ""


class Say(_Said):
    command: Literal["ask", "return"]
    text: Text


class Vote(_Said):
    command: Literal["vote"]
    dataset: Name
    vote: Choice
    reason: Text
    conditions: Annotated[list[Text], Field(max_length=50)] = []
    uses: list[GrantUse] | None = None
    end: AwareDatetime | None = None


class Invite(_Said):
    command: Literal["invite"]
    person: Name


class End(_Said):
    command: Literal["reject", "close"]
    reason: Text


class Review(_Said):
    command: Literal["review"]
    text: Text
    recommendation: Annotated[str, Field(max_length=200)] = ""


class AnswerGiven(_Said):
    command: Literal["answer"]
    question: Name
    text: Text


class RecordTransfer(_Said):
    command: Literal["record-transfer"]
    member: Name
    basis: Literal["clauses"]
    document: Name


class Change(_Said):
    command: Literal["change"]
    datasets: Annotated[list[str], Field(max_length=200)]
    members: Members


CommandWanted = Annotated[
    Plain
    | Accept
    | Declare
    | Say
    | Vote
    | Invite
    | End
    | Review
    | AnswerGiven
    | RecordTransfer
    | Change,
    Field(discriminator="command"),
]
