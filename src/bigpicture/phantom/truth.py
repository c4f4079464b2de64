"""Truth: what was painted, exactly: masks, nuclei, and every identifier that was planted."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from bigpicture.phantom.chance import Floats
from bigpicture.phantom.identity import Identity
from bigpicture.phantom.material import Material, Nucleus
from bigpicture.phantom.nuclei import stamp
from bigpicture.phantom.place import BLOCK, MARGIN, Block, Grid
from bigpicture.phantom.tissue import Tissue, expressed

Mask = npt.NDArray[np.uint8]

COARSE = 16
"""Level-0 pixels between the samples of the masks that are written for a whole slide."""


def classes(tissue: Tissue, column: int, row: int) -> Mask:
    """The material of each pixel of a block, (1024, 1024); 0 is glass."""
    painted = tissue.canvas(column, row)
    if painted is None:
        return np.zeros((BLOCK, BLOCK), np.uint8)
    return painted[0].label[MARGIN:-MARGIN, MARGIN:-MARGIN]


def tissue_mask(tissue: Tissue, column: int, row: int) -> npt.NDArray[np.bool_]:
    """Where tissue lies on a block, its lumina included."""
    block = Block(column, row, tissue.mpp)
    inside = block.widen(tissue.anatomy.inside(block.grid())) > 0
    return inside[MARGIN:-MARGIN, MARGIN:-MARGIN]


def nuclei(tissue: Tissue, column: int, row: int) -> list[dict[str, object]]:
    """GeoJSON features of the nuclei whose centre lies on a block, in level-0 pixels."""
    painted = tissue.canvas(column, row)
    if painted is None:
        return []
    found = painted[1]
    x, y = np.floor(found.x / tissue.mpp), np.floor(found.y / tissue.mpp)
    own = (x // BLOCK == column) & (y // BLOCK == row)
    own &= (x < tissue.width) & (y < tissue.height)
    brown = expressed(found, tissue.stain)
    features: list[dict[str, object]] = []
    for k in np.flatnonzero(own):
        kind = Nucleus(int(found.kind[k]))
        drawn = stamp(kind, int(found.variant[k]), int(found.turn[k]), tissue.mpp)
        outline = drawn.outline + np.array([x[k] - drawn.anchor, y[k] - drawn.anchor])
        features.append(
            _feature(
                outline,
                {"kind": kind.name.lower(), "positive": bool(brown[k])},
                centre=(float(x[k]) + 0.5, float(y[k]) + 0.5),
            )
        )
    return features


def regions(tissue: Tissue) -> dict[str, object]:
    """GeoJSON of the lesion's outline over the whole slide, sampled every 16 pixels."""
    field = getattr(tissue.anatomy, "tumour", None) or getattr(tissue.anatomy, "sick", None)
    features: list[dict[str, object]] = []
    if field is not None and tissue.finding != "normal":
        step = COARSE * tissue.mpp
        x = (np.arange(tissue.width // COARSE) + 0.5) * step
        y = (np.arange(tissue.height // COARSE) + 0.5) * step
        grid = Grid(x[None, :], y[:, None])
        mask = ((field(grid) > 0) & (tissue.anatomy.inside(grid) > 0)).astype(np.uint8)
        curves, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for curve in curves:
            points = (curve[:, 0, :].astype(float) + 0.5) * COARSE
            if len(points) > 3 and cv2.contourArea(curve) > 60:
                features.append(_feature(points, {"classification": {"name": tissue.finding}}))
    return {"type": "FeatureCollection", "features": features}


def write_truth(folder: Path, tissue: Tissue, who: Identity | None) -> None:
    """Write masks (one sample every 16 pixels), nuclei of the middle block, and identifiers."""
    folder.mkdir(parents=True, exist_ok=True)
    columns, rows = tissue.blocks
    size = -(-tissue.height // COARSE), -(-tissue.width // COARSE)
    kinds = [kind.value for kind in tissue.kinds]
    masks = {name: np.zeros(size, np.uint8) for name in ("tissue", "classes", *kinds)}
    for row in range(rows):
        for column in range(columns):
            for name, mask in _coarse(tissue, column, row).items():
                top, left = row * BLOCK // COARSE, column * BLOCK // COARSE
                room = masks[name][top:, left:]
                part = mask[: room.shape[0], : room.shape[1]]
                room[: part.shape[0], : part.shape[1]] = part
    for name, mask in masks.items():
        cv2.imwrite(str(folder / f"{name}.png"), mask)
    middle = nuclei(tissue, columns // 2, rows // 2)
    _write(folder / "nuclei.geojson", {"type": "FeatureCollection", "features": middle})
    _write(folder / "regions.geojson", regions(tissue))
    _write(
        folder / "truth.json",
        {
            "seed": tissue.seed,
            "width": tissue.width,
            "height": tissue.height,
            "mpp": tissue.mpp,
            "organ": tissue.organ,
            "finding": tissue.finding,
            "stain": tissue.stain.value,
            "artefacts": kinds,
            "mask_step": COARSE,
            "classes": {material.name.lower(): int(material) for material in Material},
            "planted": who.planted if who else {},
        },
    )


def _coarse(tissue: Tissue, column: int, row: int) -> dict[str, Mask]:
    """Each mask of a block at the middle of every 16 x 16 pixels."""
    at = slice(COARSE // 2, None, COARSE)
    masks = {
        "tissue": tissue_mask(tissue, column, row)[at, at].astype(np.uint8) * 255,
        "classes": classes(tissue, column, row)[at, at],
    }
    block = Block(column, row, tissue.mpp)
    for flaw in tissue.artefacts:
        cover = flaw.cover(block)[MARGIN:-MARGIN, MARGIN:-MARGIN]
        masks[flaw.kind.value] = cover[at, at].astype(np.uint8) * 255
    return masks


def _feature(
    outline: Floats,
    properties: dict[str, object],
    centre: tuple[float, float] | None = None,
) -> dict[str, object]:
    ring = [[round(float(x), 2), round(float(y), 2)] for x, y in outline]
    if centre is not None:
        properties = {**properties, "centre": list(centre)}
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": properties,
    }


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8", newline="\n")
