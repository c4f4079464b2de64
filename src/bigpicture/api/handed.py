"""Handed: a sheet and the digests of its slides become the dataset that the browser then sends."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from bigpicture.api.asking import NodeAsked, SignedIn, require
from bigpicture.api.identified import take_identified
from bigpicture.api.preparation_shapes import SheetShape
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.model.errors import SettingsError
from bigpicture.model.person import Permission
from bigpicture.preparation.hand_in import Made, hand_in
from bigpicture.preparation.handed import SentSlide
from bigpicture.preparation.sheet import MOST_ROWS, Sheet
from bigpicture.sandbox.limits import Limits, Reach
from bigpicture.sandbox.run import run

router = APIRouter(prefix="/api/v1/preparations", tags=["preparations"])

_LIMITS = Limits(memory_bytes=2 << 30, seconds=300, file_bytes=0, threads=8)
_REACH = Reach(readable=())


class SlideWanted(BaseModel):
    file: Annotated[str, Field(min_length=1, max_length=1000, description="its path at your site")]
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class DatasetWanted(SheetShape):
    slides: Annotated[list[SlideWanted], Field(max_length=MOST_ROWS)]


class DocumentShown(BaseModel):
    path: str
    text: str


class ImageShown(BaseModel):
    file: str
    path: str


class DatasetMade(BaseModel):
    """To be announced as a submission: the documents, and each slide under its new path."""

    alias: str
    title: str
    documents: list[DocumentShown]
    images: list[ImageShown]
    keys: str = Field(description="CSV: which alias is whose; it must stay at your site")


@router.post("/dataset")
def make_dataset(node: NodeAsked, person: SignedIn, wanted: DatasetWanted) -> DatasetMade:
    """Describe a dataset of scanner files that this node will convert; nothing is kept here.

    Only on a node that takes identified data. Asked again, aliases and paths are the same.
    """
    require(person, Permission.SUBMISSION_CREATE)
    take_identified(node.settings.intake)
    pseudonyms = node.stores.pseudonyms
    if pseudonyms is None:
        raise SettingsError("this process has no key for pseudonyms.")
    made = run(
        _make,
        wanted.sheet(),
        [SentSlide(each.file, each.size, each.sha256) for each in wanted.slides],
        pseudonyms,
        person.organisation or person.id,
        datetime.now(UTC).date(),
        limits=_LIMITS,
        reach=_REACH,
    )
    return DatasetMade(
        alias=made.alias,
        title=made.title,
        documents=[
            DocumentShown(path=path, text=data.decode()) for path, data in made.documents.items()
        ],
        images=[ImageShown(file=file, path=path) for file, path in made.images.items()],
        keys=made.keys.decode(),
    )


def _make(
    sheet: Sheet, slides: list[SentSlide], pseudonyms: Pseudonyms, whose: str, today: date
) -> Made:
    return hand_in(sheet, slides, pseudonyms=pseudonyms, whose=whose, today=today)
