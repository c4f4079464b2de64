"""Agreements: the texts that people accept before data open."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bigpicture.access.agreements import list_agreements, write_agreement
from bigpicture.access.application_facts import read_asked
from bigpicture.api.asking import NodeAsked, SignedIn, require
from bigpicture.model.agreement import Agreement, AgreementKind
from bigpicture.model.errors import UnknownError
from bigpicture.model.person import Permission

router = APIRouter(prefix="/api/v1/agreements", tags=["agreements"])


class AgreementWanted(BaseModel):
    """A new id, or the next version of one that is there."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$")]
    kind: AgreementKind
    title: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(min_length=1, max_length=100_000, description="Markdown")]
    requires_reaccept: bool = True
    for_datasets: Annotated[list[str], Field(max_length=10_000)] = Field(
        default=[], description="accessions; none: all datasets that are applied for"
    )


class AgreementShown(BaseModel):
    id: str
    version: int
    kind: AgreementKind
    title: str
    text: str
    digest: str = Field(description="SHA-256 of the text")
    requires_reaccept: bool
    since: datetime
    for_datasets: list[str]

    @classmethod
    def of(cls, agreement: Agreement) -> Self:
        return cls(
            id=agreement.id,
            version=agreement.version,
            kind=agreement.kind,
            title=agreement.title,
            text=agreement.text,
            digest=agreement.digest,
            requires_reaccept=agreement.requires_reaccept,
            since=agreement.since,
            for_datasets=list(agreement.for_datasets),
        )


class AgreementList(BaseModel):
    items: list[AgreementShown]


@router.get("")
def agreements(node: NodeAsked, _: SignedIn) -> AgreementList:
    """List the agreements in their current versions."""
    with node.records.read() as connection:
        found = list_agreements(connection)
    return AgreementList(items=[AgreementShown.of(each) for each in found])


@router.post("", status_code=201)
def write(node: NodeAsked, person: SignedIn, wanted: AgreementWanted) -> AgreementShown:
    """Write an agreement, or its next version."""
    require(person, Permission.AGREEMENT_WRITE)
    with node.records.write() as connection:
        unknown = set(wanted.for_datasets) - read_asked(connection, wanted.for_datasets).keys()
        if unknown:
            raise UnknownError("there is no such dataset.", place="for_datasets")
        written = write_agreement(
            connection,
            id=wanted.id,
            kind=wanted.kind,
            title=wanted.title,
            text=wanted.text,
            requires_reaccept=wanted.requires_reaccept,
            for_datasets=wanted.for_datasets,
            by=person.id,
        )
    return AgreementShown.of(written)
