"""Overlays: a result as it lies over its slide, for whom the slide may be looked at now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import BaseModel

from bigpicture.access.decide import Decision, Purpose
from bigpicture.analysis.geojson import GEOJSON, write_geojson
from bigpicture.analysis.result_reads import is_read_recorded, record_result_read
from bigpicture.analysis.result_store import ResultRow, find_output
from bigpicture.analysis.shape_groups import as_geometry
from bigpicture.api.asking import Anyone, NodeAsked
from bigpicture.api.looking import CACHING, read_tags
from bigpicture.api.node import Node
from bigpicture.api.opening import record_read
from bigpicture.api.results import Key, OutputName, first_open
from bigpicture.dicom.bulk_annotations import read_annotations
from bigpicture.model.algorithm import RESEARCH_ONLY, OutputKind
from bigpicture.model.errors import UnknownError
from bigpicture.model.person import Person
from bigpicture.viewing.colour_maps import MAPS, STEPS, USUAL_MAP, table_of_classes
from bigpicture.viewing.overlays import (
    DRAWN,
    Colours,
    Overlay,
    StoredResult,
    class_colours,
    map_stops,
    tag_overlay,
)
from bigpicture.viewing.shapes import MOST_CELLS, View
from bigpicture.viewing.stored import read_stored

router = APIRouter(prefix="/api/v1/results/{key}/{output}", tags=["results"])

OfImage = Annotated[str, Query(max_length=80, description="where several have the key")]
ColourMap = Annotated[str, Query(max_length=20, description="of a heatmap: " + ", ".join(MAPS))]
FirstColour = Annotated[
    int, Query(ge=1, le=STEPS, description="colour of the first class; others go on behind it")
]
Place = Annotated[str, Path(pattern=r"^\d{1,7}_\d{1,7}$", description="{column}_{row}")]
Side = Annotated[float, Query(gt=0, le=4_000_000)]
Coordinate = Annotated[float, Query(ge=-4_000_000, le=4_000_000)]


class ClassShown(BaseModel):
    """`count` of shapes with this label; null of a mask."""

    name: str
    colour: str
    count: int | None


class OverlayShown(BaseModel):
    """How a result is drawn. `tiles` lie over the slide's own; `shapes` are asked for by view.

    `stops` are the colours of a heatmap from the least to the greatest of `range`, at equal steps.
    """

    key: str
    output: str
    image: str
    kind: OutputKind
    unit: str
    range: tuple[float, float] | None
    classes: list[ClassShown]
    stops: list[str]
    maps: list[str]
    tiles: str | None
    shapes: str | None
    notice: str = RESEARCH_ONLY

    @classmethod
    def of(cls, row: ResultRow, overlay: Overlay, colours: Colours) -> Self:
        is_map = overlay.kind is OutputKind.HEATMAP
        counts = overlay.shapes.counts() if overlay.shapes else [None] * len(overlay.names)
        told = zip(overlay.names, class_colours(overlay, colours.first), counts, strict=True)
        address = f"/api/v1/results/{row.key}/{row.output}/{{}}?image={row.image}"
        drawn = f"&map={colours.map}" if is_map else f"&first={colours.first}"
        return cls(
            key=row.key,
            output=row.output,
            image=row.image,
            kind=overlay.kind,
            unit=overlay.unit,
            range=overlay.range,
            classes=[ClassShown(name=name, colour=one, count=many) for name, one, many in told],
            stops=map_stops(colours.map) if is_map else [],
            maps=list(MAPS) if is_map else [],
            tiles=address.format("tiles/{level}/{column}_{row}") + drawn
            if overlay.raster
            else None,
            shapes=address.format("shapes") if overlay.shapes is not None else None,
        )


class Marks(BaseModel):
    """Points: place, index of the class, and score of each."""

    x: list[float]
    y: list[float]
    label: list[int]
    score: list[float | None]


class Outlines(BaseModel):
    """`at` is where the pairs of each outline begin in `xy`, counted in pairs."""

    at: list[int]
    xy: list[float]
    label: list[int]
    score: list[float | None]


class Clusters(BaseModel):
    """The mean place, the number and the commonest class of the shapes in each cell."""

    x: list[int]
    y: list[int]
    count: list[int]
    label: list[int]


class ShapesSeen(BaseModel):
    """Shapes in view, in level-0 pixels: each of them, or clusters where they are too many."""

    total: int
    points: Marks | None = None
    outlines: Outlines | None = None
    clusters: Clusters | None = None


@dataclass(frozen=True, slots=True)
class _Opened:
    row: ResultRow
    result: StoredResult


@router.get("/overlay")
def overlay(
    node: NodeAsked,
    person: Anyone,
    key: Key,
    output: OutputName,
    image: OfImage = "",
    map: ColourMap = USUAL_MAP,  # noqa: A002 - the name in the address
    first: FirstColour = 1,
) -> OverlayShown:
    """Tell how a mask, a heatmap or shapes are drawn over the slide, and what their colours say.

    Of layers that lie over one another `first` and `map` keep the colours apart.
    """
    opened = _open(node, person, key, output, image)
    shown = node.overlays.open(opened.result)
    return OverlayShown.of(opened.row, shown, Colours(map, first))


@router.get(
    "/tiles/{level}/{place}",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}, 304: {"description": "still the same"}},
)
def overlay_tile(
    node: NodeAsked,
    person: Anyone,
    key: Key,
    output: OutputName,
    level: Annotated[int, Path(ge=0, le=99)],
    place: Place,
    image: OfImage = "",
    map: ColourMap = USUAL_MAP,  # noqa: A002 - the name in the address
    first: FirstColour = 1,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Give a PNG that lies over a tile of the slide, transparent where there is nothing."""
    opened = _open(node, person, key, output, image)
    column, row = (int(one) for one in place.split("_"))
    colours = Colours(map, first)
    tag = tag_overlay(opened.result, level, column, row, colours)
    headers = {
        "ETag": tag,
        "Cache-Control": CACHING.decode(),
        "Vary": "cookie, authorization",
        "Bigpicture-Notice": RESEARCH_ONLY,
    }
    if tag in read_tags(if_none_match):
        return Response(status_code=304, headers=headers)
    drawn = node.overlays.draw(opened.result, level=level, column=column, row=row, colours=colours)
    return Response(drawn, media_type="image/png", headers=headers)


@router.get("/shapes", response_model_exclude_none=False)
def shapes_seen(
    node: NodeAsked,
    person: Anyone,
    key: Key,
    output: OutputName,
    x: Coordinate,
    y: Coordinate,
    width: Side,
    height: Side,
    cell: Annotated[float, Query(gt=0, le=1_000_000, description="side of a cluster's cell")],
    image: OfImage = "",
) -> ShapesSeen:
    """Give the shapes in a box of level-0 pixels; clusters of them where they are too many."""
    opened = _open(node, person, key, output, image)
    if (width / cell + 2) * (height / cell + 2) > MOST_CELLS:
        raise UnknownError(
            "so many clusters are not told.", place="cell", rule=f"at most {MOST_CELLS} cells"
        )
    seen: dict[str, Any] = node.overlays.look(opened.result, View(x, y, width, height, cell))
    return ShapesSeen.model_validate(seen)


@router.get("/geojson", response_class=Response)
def shapes_as_geojson(
    node: NodeAsked, person: Anyone, key: Key, output: OutputName, image: OfImage = ""
) -> Response:
    """Give shapes as the GeoJSON that QuPath reads, in pixels of the finest level."""
    opened = _open(node, person, key, output, image, purpose=Purpose.READ)
    if opened.row.kind is not OutputKind.GEOMETRY:
        raise UnknownError("this result has no shapes.", rule=str(OutputKind.GEOMETRY))
    groups = read_annotations(node.vault.read(opened.result.source))
    table = table_of_classes()
    names = dict.fromkeys(group.label for group in groups)
    colours = {name: tuple(table[1 + at % STEPS, :3].tolist()) for at, name in enumerate(names)}
    headers = {
        "Content-Disposition": f'attachment; filename="{opened.row.image}-{output}.geojson"',
        "Bigpicture-Notice": RESEARCH_ONLY,
    }
    body = write_geojson(as_geometry(groups), colours=colours)
    return Response(body, media_type=GEOJSON, headers=headers)


def _open(
    node: Node,
    person: Person | None,
    key: str,
    output: str,
    image: str,
    *,
    purpose: Purpose = Purpose.VIEW,
) -> _Opened:
    """The result, once the decision is yes and its events, where it needs them, are durable."""
    with node.records.read() as connection:
        rows = find_output(connection, key, output)
    rows = [row for row in rows if image in ("", row.image)]
    row, decision = first_open(node, person, rows, place=f"{key}/{output}", purpose=purpose)
    if row.object is None or row.kind not in DRAWN:
        raise UnknownError(
            "this result is nothing that lies over a slide.",
            rule=", ".join(sorted(DRAWN)),
            remedy="Read it under its own address.",
        )
    _note(node, person, row, decision)
    with node.records.read() as connection:
        stored = read_stored(connection, row.image)
    return _Opened(row, StoredResult(row.object, row.kind, stored))


def _note(node: Node, person: Person | None, row: ResultRow, decision: Decision) -> None:
    """Of who looks: the slide's read where it rests on a grant, and the result's first time."""
    record_read(node, person, row.image, row.dataset, decision)
    if person is None:
        return
    with node.records.read() as connection:
        if is_read_recorded(connection, person.id, row):
            return
    with node.records.write() as connection:
        record_result_read(connection, person.id, row, grant=decision.grant, now=datetime.now(UTC))
