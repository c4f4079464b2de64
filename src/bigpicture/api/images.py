"""Images: listed within their dataset, each with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from fastapi import APIRouter, Response
from pydantic import BaseModel

from bigpicture.access.decide import Purpose
from bigpicture.api.asking import Anyone, NodeAsked
from bigpicture.api.companions import (
    LabelShown,
)
from bigpicture.api.node import Node
from bigpicture.api.opening import AccessShown, open_image, record_read
from bigpicture.catalogue.describe import Description, describe
from bigpicture.catalogue.drawn import read_drawn
from bigpicture.catalogue.image_facts import ImageFacts
from bigpicture.catalogue.terms import Diagnosis, labels
from bigpicture.model.inheritance import Qualifier
from bigpicture.viewing.channels import read_channels
from bigpicture.viewing.stored import is_grey
from bigpicture.viewing.thumbnail import read_thumbnail

router = APIRouter(prefix="/api/v1", tags=["images"])


class DiagnosisShown(BaseModel):
    code: str
    scheme: str
    meaning: str
    qualifier: Qualifier

    @classmethod
    def of(cls, each: Diagnosis) -> DiagnosisShown:
        return cls(
            code=each.code, scheme=each.scheme, meaning=each.meaning, qualifier=each.qualifier
        )


class ImageCommon(BaseModel):
    accession: str
    alias: str
    stain: str
    organ: str
    species: str
    diagnoses: list[DiagnosisShown]
    columns: int
    rows: int
    mpp_x: float
    mpp_y: float
    magnification: float | None
    thumbnail: str | None


class DatasetNamed(BaseModel):
    accession: str
    title: str
    short_name: str
    tier: str


class BeingShown(BaseModel):
    alias: str
    sex: str | None
    species: str | None
    strain: str | None
    control: str | None


class AliasShown(BaseModel):
    alias: str


class SpecimenShown(BaseModel):
    alias: str
    site: str | None
    extraction: str | None
    fixation: str | None
    age: str | None


class BlockShown(BaseModel):
    alias: str
    preparation: str | None


class StainingShown(BaseModel):
    label: str
    method: str | None
    target: str | None


class CodeShown(BaseModel):
    tag: str = ""
    code: str = ""
    scheme: str = ""
    meaning: str = ""


class ObservationShown(BaseModel):
    kind: str
    status: str
    on: str
    text: str
    codes: list[CodeShown]
    qualifier: Qualifier


class LevelShown(BaseModel):
    """Pixels of this level, and micrometres per pixel of it; level 0 is the finest."""

    level: int
    columns: int
    rows: int
    tile_columns: int
    tile_rows: int
    mpp_x: float
    mpp_y: float
    media_type: str


class ChannelShown(BaseModel):
    """`name` is the fluorophore's, empty where it is not known; `colour` is #rrggbb."""

    name: str
    colour: str


class ScannerShown(BaseModel):
    manufacturer: str | None
    model: str | None


class DrawnShown(BaseModel):
    """A file of what was drawn; `path` inside the dataset's folder, `address` of its bytes."""

    alias: str
    path: str
    address: str


class ImageShown(ImageCommon):
    pixels_root: str | None
    dataset: DatasetNamed
    being: BeingShown | None
    case: AliasShown | None
    specimens: list[SpecimenShown]
    block: BlockShown
    slide: AliasShown
    staining: StainingShown
    observations: list[ObservationShown]
    levels: list[LevelShown]
    focal_planes: int
    channels: list[ChannelShown]
    tiles: str
    scanner: ScannerShown
    labels: list[LabelShown]
    annotations: list[DrawnShown]
    access: AccessShown


@router.get("/images/{accession}")
def image(node: NodeAsked, person: Anyone, accession: str) -> ImageShown:
    """Show all that is known of an image that you may open, and where its tiles are."""
    facts = node.catalogue.image(accession)
    decision = open_image(node, person, facts)
    dataset = node.catalogue.dataset(facts.dataset).row
    with node.records.read() as connection:
        described = describe(connection, facts)
        drawn = read_drawn(connection, facts.dataset, accession)
    named = {name: dataset[name] for name in DatasetNamed.model_fields}
    return ImageShown(
        **_card(facts),
        dataset=DatasetNamed(**named),
        access=AccessShown.of(decision),
        tiles=f"/tiles/{facts.accession}/{{level}}/{{column}}_{{row}}",
        channels=_channels(node, described),
        annotations=[
            DrawnShown(
                alias=each.alias, path=each.path, address=f"/files/{facts.dataset}/{each.id}"
            )
            for each in drawn
        ],
        **_described(described),
    )


@router.get("/images/{accession}/thumbnail", response_class=Response)
def thumbnail(node: NodeAsked, person: Anyone, accession: str) -> Response:
    """Give a small JPEG of an image that you may open, at most 512 pixels long."""
    facts = node.catalogue.image(accession)
    decision = open_image(node, person, facts, Purpose.VIEW)
    record_read(node, person, facts.accession, facts.dataset, decision)
    picture = read_thumbnail(node.vault, facts.thumbnail)
    return Response(
        picture.body,
        media_type=picture.media_type,
        # Asked again each time: a grant may have ended since.
        headers={"Cache-Control": "private, no-cache"},
    )


def _card(facts: ImageFacts) -> dict[str, Any]:
    same = ("accession", "alias", "columns", "rows", "mpp_x", "mpp_y", "magnification")
    return {
        **{name: getattr(facts, name) for name in same},
        "stain": ", ".join(labels(facts.stains)),
        "organ": ", ".join(labels(facts.organs)),
        "species": ", ".join(labels(facts.species)),
        "diagnoses": [DiagnosisShown.of(each) for each in facts.diagnoses],
        "thumbnail": f"/api/v1/images/{facts.accession}/thumbnail" if facts.thumbnail else None,
    }


def _channels(node: Node, described: Description) -> list[ChannelShown]:
    """What the header of the finest level tells; a slide in colour has none and is not opened."""
    finest = described.levels[:1]
    if not finest or not is_grey(finest[0]["photometric"]):
        return []
    found = read_channels(node.vault.open(finest[0]["object"]))
    return [ChannelShown(name=each.name, colour=each.colour) for each in found]


def _described(described: Description) -> dict[str, Any]:
    staining, block = described.staining, described.block
    being = next(iter(described.beings), None)
    case = next(iter(described.cases), None)
    names = {
        row["accession"]: f"{kind} {row['alias']}"
        for kind, rows in (
            ("being", described.beings),
            ("case", described.cases),
            ("specimen", described.specimens),
            ("block", (block,)),
            ("slide", (described.slide,)),
        )
        for row in rows
    }
    return {
        "being": _being(being) if being else None,
        "case": AliasShown(alias=case["alias"]) if case else None,
        "specimens": [_specimen(row) for row in described.specimens],
        "block": BlockShown(alias=block["alias"], preparation=_meaning(block["preparation"])),
        "slide": AliasShown(alias=described.slide["alias"]),
        "staining": StainingShown(
            label=staining["label"],
            method=staining["method"],
            target=_meaning(staining["target"]),
        ),
        "observations": [
            ObservationShown(
                kind=row["kind"],
                status=row["status"],
                on=names.get(row["on"]) or str(row["on_kind"]),
                text=row["text"] or "",
                codes=[_code(code) for code in row["codes"]],
                qualifier=qualifier,
            )
            for row, qualifier in described.observations
        ],
        "levels": [
            LevelShown(**{name: row[name] for name in LevelShown.model_fields})
            for row in described.levels
        ],
        "focal_planes": max((row["focal_planes"] for row in described.levels), default=1),
        "scanner": ScannerShown(**described.scanner),
        "pixels_root": described.pixels_root,
        "labels": [LabelShown.of(each, names) for each in described.labels],
    }


def _being(row: Mapping[str, Any]) -> BeingShown:
    return BeingShown(
        alias=row["alias"],
        sex=row["sex"],
        species=_meaning(row["species"]),
        strain=_meaning(row["strain"]),
        control=row["control"],
    )


def _specimen(row: Mapping[str, Any]) -> SpecimenShown:
    age = "/".join(filter(None, (row["age_start"], row["age_length"])))  # ISO 8601 start/length
    return SpecimenShown(
        alias=row["alias"],
        site=_meaning(row["site"]),
        extraction=_meaning(row["extraction"]),
        fixation=_meaning(row["fixation"]),
        age=age or None,
    )


def _code(code: object) -> CodeShown:
    given = cast("Mapping[str, str]", code) if isinstance(code, Mapping) else {}
    return CodeShown(**{name: given.get(name, "") for name in CodeShown.model_fields})


def _meaning(code: object) -> str | None:
    """The words of a code column, or of several codes."""
    listed = cast("list[object]", code) if isinstance(code, list) else [code]
    meanings = [_code(each).meaning for each in listed if isinstance(each, Mapping)]
    return ", ".join(meanings) or None
