"""Uses: the public register of what was approved, with lay summaries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Self

from fastapi import APIRouter
from pydantic import BaseModel

from bigpicture.access.uses import ApprovedUse, UseState, list_uses
from bigpicture.api.asking import DEFAULT_LIMIT, After, Limit, NodeAsked
from bigpicture.api.dataset_ref import DatasetRef

router = APIRouter(prefix="/api/v1/uses", tags=["uses"])


class ApprovedUseShown(BaseModel):
    id: str
    title: str
    lay_summary: str
    organisation: str
    datasets: list[DatasetRef]
    start: datetime
    end: datetime
    state: UseState

    @classmethod
    def of(cls, use: ApprovedUse) -> Self:
        return cls(
            id=use.id,
            title=use.title,
            lay_summary=use.lay_summary,
            organisation=use.organisation,
            datasets=[DatasetRef(accession=name, title=title) for name, title in use.datasets],
            start=use.start,
            end=use.end,
            state=use.state,
        )


class ApprovedUseList(BaseModel):
    items: list[ApprovedUseShown]
    next: str | None


@router.get("")
def uses(node: NodeAsked, after: After = "", limit: Limit = DEFAULT_LIMIT) -> ApprovedUseList:
    """List approved uses: of what, for what, by which organisation. For everybody."""
    now = datetime.now(UTC)
    with node.records.read() as connection:
        found = list_uses(connection, now=now, after=after, limit=limit + 1)
    known = set(node.decisions.listed(None, {name for each in found for name, _ in each.datasets}))
    shown = (_known_of(each, known) for each in found[:limit])
    return ApprovedUseList(
        items=[ApprovedUseShown.of(each) for each in shown if each.datasets],
        next=found[limit - 1].id if len(found) > limit else None,
    )


def _known_of(use: ApprovedUse, known: set[str]) -> ApprovedUse:
    """A use without the datasets that the world may not know of."""
    told = tuple(each for each in use.datasets if each[0] in known)
    return replace(use, datasets=told)
