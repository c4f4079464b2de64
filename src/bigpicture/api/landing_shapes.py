"""What a landing page shows beside the card: how to cite it, its versions, its quality."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from bigpicture.catalogue.face.citation import cite
from bigpicture.catalogue.face.face import Face
from bigpicture.catalogue.face.forms import FORMATS
from bigpicture.catalogue.face.signposts import MEDIA_TYPES
from bigpicture.catalogue.quality_told import QualityTold
from bigpicture.catalogue.versions import VersionTold, What
from bigpicture.model.field import FIELDS
from bigpicture.model.metadata_form import MetadataForm


class FormShown(BaseModel):
    form: MetadataForm
    label: str
    media_type: str
    address: str


class CitationShown(BaseModel):
    """`wordings` are what the contributors ask for."""

    text: str
    address: str = Field(description="what the citation names: the DOI, else the landing page")
    wordings: list[str]
    forms: list[FormShown]

    @classmethod
    def of(cls, face: Face) -> CitationShown:
        text = cite(face)
        return cls(
            text=text,
            address=face.cited_as,
            wordings=[each for each in face.wordings if each != text],
            forms=[
                FormShown(
                    form=form,
                    label=each.label,
                    media_type=MEDIA_TYPES[form],
                    address=f"/api/v1/datasets/{face.accession}/metadata.{form}",
                )
                for form, each in FORMATS.items()
                if each.label
            ],
        )


class VersionShown(BaseModel):
    what: What
    version: str
    date: datetime | None
    note: str = Field(description="what the contributors say of it")
    counts: dict[str, str] = Field(description="as they were then; of few beings only that")
    changes: dict[str, int] = Field(description="against the version before, of open datasets")
    erased: str = Field(description="how many subjects, of `erased`")

    @classmethod
    def all_of(cls, versions: Sequence[VersionTold]) -> list[VersionShown]:
        return [
            cls(
                what=each.version.what,
                version=each.version.version,
                date=each.version.date,
                note=each.version.note,
                counts=dict(each.counts),
                changes=dict(each.changes),
                erased=each.erased,
            )
            for each in versions
        ]


class ShareShown(BaseModel):
    field: str
    label: str
    percent: int | None = Field(description="of images that have it; null: few beings would show")


class GroupShown(BaseModel):
    label: str
    percent: int


class SpreadShown(BaseModel):
    """`groups` are none where few beings would show."""

    field: str
    label: str
    unit: str
    groups: list[GroupShown]


class QualityShown(BaseModel):
    images: str
    is_withheld: bool = Field(description="whether something is not told, since few beings show")
    shares: list[ShareShown]
    spreads: list[SpreadShown]

    @classmethod
    def of(cls, told: QualityTold) -> QualityShown:
        return cls(
            images=told.images,
            is_withheld=told.is_withheld,
            shares=[
                ShareShown(field=each.name, label=FIELDS[each.name].label, percent=each.percent)
                for each in told.shares
            ],
            spreads=[
                SpreadShown(
                    field=each.name,
                    label=FIELDS[each.name].label,
                    unit=FIELDS[each.name].unit,
                    groups=[GroupShown(label=label, percent=part) for label, part in each.groups],
                )
                for each in told.spreads
            ],
        )
