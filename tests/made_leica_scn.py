"""Makes Leica SCN files from OpenSlide's page on the format and tifffile's reading of its XML."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from made_tiled_tiff import Page, grey_jpegs, halved, jpegs, text, tiled, tissue, write_tiff

NAMESPACES = tuple(
    f"http://www.leica-microsystems.com/scn/{day}" for day in ("2010/10/01", "2010/03/10")
)
GLASS = (1_000_000, 1_200_000)
"""Nanometres: 2000 x 2400 pixels of half a micrometre."""
BARCODE = "S-2021-77431"
SECRETS = (
    BARCODE,
    "Mustermann",
    "2021-05-31",
    "20210531",
    "77431",
    "c0ffee00-1111-2222",
    "SN88421",
)
TILE = 256


@dataclass
class Region:
    """A scanned region: where it lies (nm), its picture, and how it was scanned."""

    left: int = 201_000
    top: int = 303_500
    picture: np.ndarray = field(default_factory=lambda: tissue(700, 620))
    factors: tuple[int, ...] = (1, 4)
    objective: str = "20"
    nanometres: float = 500.0
    streams: object = jpegs

    @property
    def view(self) -> str:
        rows, columns = self.picture.shape[:2]
        return (
            f'<view sizeX="{round(columns * self.nanometres)}" '
            f'sizeY="{round(rows * self.nanometres)}" '
            f'offsetX="{self.left}" offsetY="{self.top}" spacingZ="400"/>'
        )


def write_scn(
    path: Path, regions: list[Region] | None = None, *, namespace=NAMESPACES[0], extra="",
    has_macro=True, xml=str, **tags,
) -> list[Region]:  # fmt: skip
    """A brightfield slide: the macro in two resolutions, then each region's; returns the regions.

    `extra` goes into each scanned image's XML, `xml` changes the whole description.
    """
    regions = [Region()] if regions is None else regions
    pages, images = _macro() if has_macro else ([], [])
    for number, region in enumerate(regions):
        dimensions = ""
        for r, factor in enumerate(region.factors):
            picture = halved(region.picture, factor)
            rows, columns = picture.shape[:2]
            dimensions += (
                f'<dimension sizeX="{columns}" sizeY="{rows}" r="{r}" ifd="{len(pages)}"/>'
            )
            mpp = region.nanometres * factor / 1000
            pages.append(tiled(columns, rows, region.streams(picture, TILE), tile=TILE, mpp=mpp))
        images.append(_image(f"image_{number}", region, dimensions, "brightfield", extra))
    _write(path, pages, images, namespace, xml, tags)
    return regions


def write_planes(path: Path, pictures: list[np.ndarray]) -> None:
    """A brightfield slide with focal planes, in one resolution."""
    pages, images = _macro()
    dimensions = ""
    rows, columns = pictures[0].shape[:2]
    for z, picture in enumerate(pictures):
        dimensions += (
            f'<dimension sizeX="{columns}" sizeY="{rows}" r="0" z="{z}" ifd="{len(pages)}"/>'
        )
        pages.append(tiled(columns, rows, jpegs(picture, TILE), tile=TILE))
    region = Region(picture=pictures[0])
    images.append(_image("image_0", region, dimensions, "brightfield", ""))
    _write(path, pages, images, NAMESPACES[0], str, {})


CHANNELS = """<channelSettings>
<channel index="0" name="405|Empty" rgb="#0000ff"><fluorescenceCube><shortName>405</shortName>
<excitationFilter>BP 405/60</excitationFilter><dichromaticMirror>455</dichromaticMirror>
<suppressionFilter>470/50</suppressionFilter></fluorescenceCube>
<exposureTime>105000</exposureTime><ccdGain>1</ccdGain></channel>
<channel index="1" name="L5|Empty" rgb="#00ff00"><fluorescenceCube><shortName>L5</shortName>
<excitationFilter>BP 480/40</excitationFilter><dichromaticMirror>505</dichromaticMirror>
<suppressionFilter>527/30</suppressionFilter></fluorescenceCube>
<exposureTime>146000</exposureTime><ccdGain>1</ccdGain></channel>
</channelSettings>"""


def write_fluorescence(
    path: Path, *, channels=2, planes=1, streams=grey_jpegs, compression=7, settings=CHANNELS,
    dropped=(),
) -> dict[tuple[int, int, int], np.ndarray]:  # fmt: skip
    """Grey channels and planes in two resolutions; returns pictures by (resolution, c, z).

    The order of directories is that of the real file: a channel's resolutions follow each other.
    `dropped` lists (resolution, c, z) that are left out.
    """
    pages, images = _macro()
    pictures: dict[tuple[int, int, int], np.ndarray] = {}
    dimensions = ""
    for c in range(channels):
        for r, factor in enumerate((1, 4)):
            for z in range(planes):
                seed = 100 * c + 10 * z
                picture = halved(tissue(600, 520, seed)[..., 0] // (z + 1), factor)
                pictures[r, c, z] = picture
                if (r, c, z) in dropped:
                    continue
                rows, columns = picture.shape
                dimensions += (
                    f'<dimension sizeX="{columns}" sizeY="{rows}" r="{r}" c="{c}" z="{z}" '
                    f'ifd="{len(pages)}"/>'
                )
                page = tiled(columns, rows, streams(picture, TILE), tile=TILE, samples=1,
                             photometric=1, compression=compression, mpp=0.5 * factor)  # fmt: skip
                pages.append(page)
    region = Region(picture=np.zeros((600, 520), np.uint8))
    images.append(_image("image_0", region, dimensions, "fluorescence", settings))
    _write(path, pages, images, NAMESPACES[0], str, {})
    return pictures


def _macro() -> tuple[list[Page], list[str]]:
    picture = np.full((240, 200, 3), 90, np.uint8)
    pages = [
        tiled(200, 240, jpegs(picture, TILE), tile=TILE, mpp=5.0),
        tiled(50, 60, jpegs(halved(picture, 4), TILE), tile=TILE, mpp=20.0),
    ]
    whole = f'<view sizeX="{GLASS[0]}" sizeY="{GLASS[1]}" offsetX="0" offsetY="0" spacingZ="0"/>'
    dimensions = (
        '<dimension sizeX="200" sizeY="240" r="0" ifd="0"/>'
        '<dimension sizeX="50" sizeY="60" r="1" ifd="1"/>'
    )
    return pages, [_element("macro", dimensions, whole, "0.60833", "brightfield", "")]


def _image(name: str, region: Region, dimensions: str, light: str, extra: str) -> str:
    return _element(name, dimensions, region.view, region.objective, light, extra)


def _element(name: str, dimensions: str, view: str, objective: str, light: str, extra: str) -> str:
    return f"""<image name="{name}" uuid="urn:uuid:c0ffee00-1111-2222-3333-444444444444">
<creationDate>2021-05-31T09:43:06.873Z</creationDate>
<device model="Leica SCN400;Leica SCN" version="1.4.0.9691 2011/03/30 10:30:59;1.4.0.9708"/>
<pixels sizeX="1" sizeY="1">{dimensions}</pixels>{view}
<scanSettings><objectiveSettings><objective>{objective}</objective></objectiveSettings>
<illuminationSettings><numericalAperture>0.4</numericalAperture>
<illuminationSource>{light}</illuminationSource></illuminationSettings>{extra}</scanSettings>
</image>"""


def _write(path, pages, images, namespace, xml, tags) -> None:
    is_newer = namespace == NAMESPACES[0]
    coded = base64.b64encode(BARCODE.encode()).decode()
    barcode = f"<barcode>{coded}</barcode>" if is_newer else ""
    attribute = "" if is_newer else f' barcode="{BARCODE}"'
    written = f"""<?xml version="1.0"?>
<scn xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="{namespace}"
 uuid="urn:uuid:c0ffee00-1111-2222-0000-444444444444">
<collection name="ImageCollection_Mustermann" uuid="urn:uuid:c0ffee00-1111-2222-9999-444444444444"
 sizeX="{GLASS[0]}" sizeY="{GLASS[1]}"{attribute}>{barcode}
{"".join(images)}</collection></scn>"""
    pages[0].tags[270] = text(xml(written))
    pages[0].tags[306] = text("2021:05:31 09:43:06")
    for code, value in tags.items():
        pages[0].tags[int(code[1:])] = value
    write_tiff(path, pages)
