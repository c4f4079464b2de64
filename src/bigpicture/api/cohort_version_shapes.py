"""The JSON of frozen cohorts: versions, splits, and what an accession names."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from bigpicture.api.cohort_reach import Reach
from bigpicture.api.cohort_shapes import HiddenShown, SightShown
from bigpicture.catalogue.cohort_freeze import Minted
from bigpicture.catalogue.cohort_sight import Sight
from bigpicture.model.cohort import CohortVersion
from bigpicture.model.dealing import Split
from bigpicture.model.question_text import write_question


class VersionShown(SightShown):
    number: int
    frozen: datetime
    by: str = Field(description="the name of who froze it")
    question: str
    digest: str = Field(description="SHA-256 of the sorted accessions, each with a line feed")
    accession: str | None
    cite: str = Field(description="how to cite it; empty without an accession")

    @classmethod
    def shown(
        cls, version: CohortVersion, reach: Reach, *, by: str, name: str, address: str, node: str
    ) -> VersionShown:
        sight = reach.see(version.images)
        accession = version.images.accession
        return cls(
            **SightShown.of(sight).model_dump(),
            number=version.number,
            frozen=version.frozen,
            by=by,
            question=write_question(version.question),
            digest=version.images.digest,
            accession=accession,
            cite=cite(name, version.frozen, node, accession, address) if accession else "",
        )


class VersionList(BaseModel):
    items: list[VersionShown]
    next: str | None


class MintedShown(SightShown):
    """What an accession names: an exact list, with the title and question it was minted for."""

    accession: str
    title: str
    question: str
    minted: datetime
    digest: str
    cite: str

    @classmethod
    def shown(cls, minted: Minted, reach: Reach, *, address: str, node: str) -> MintedShown:
        return cls(
            **SightShown.of(reach.see(minted.images)).model_dump(),
            accession=minted.accession,
            title=minted.title,
            question=write_question(minted.question),
            minted=minted.minted,
            digest=minted.images.digest,
            cite=cite(minted.title, minted.minted, node, minted.accession, address),
        )


class AccessionShown(BaseModel):
    accession: str


class SideShown(BaseModel):
    """A part of a split: the share that it should have, and has, of images."""

    name: str
    wanted: float
    share: float
    images: int
    groups: int = Field(description="that could have gone elsewhere: beings, datasets or centers")


class StratumShown(BaseModel):
    label: str
    counts: dict[str, int]


class SplitShown(BaseModel):
    parts: list[SideShown]
    strata: list[StratumShown]
    notes: list[str] = Field(description="which share is not met, and why")
    digest: str = Field(description="SHA-256 of the sorted lines `accession TAB part`")
    images: int
    of: str = Field(description="images of the whole list, as it may be told")
    gone: int = Field(description="images that were erased since")
    hidden: list[HiddenShown]

    @classmethod
    def shown(cls, made: Split, sight: Sight, *, images: int, gone: int, digest: str) -> SplitShown:
        return cls(
            parts=[
                SideShown(
                    name=side.name,
                    wanted=side.wanted,
                    share=side.share,
                    images=side.images,
                    groups=side.groups,
                )
                for side in made.sides
            ],
            strata=[
                StratumShown(label=label, counts=dict(counts))
                for label, counts in made.strata.items()
            ],
            notes=list(made.notes),
            digest=digest,
            images=images,
            of=sight.images,
            gone=gone,
            hidden=[HiddenShown.of(each) for each in sight.hidden],
        )


def cite(title: str, moment: datetime, node: str, accession: str, address: str) -> str:
    """One line for a reference list."""
    where = f"{address}/api/v1/cohorts/by-accession/{accession}"
    return f"{title} ({moment:%Y}). Cohort of whole-slide images. {node}. {accession}. {where}"
