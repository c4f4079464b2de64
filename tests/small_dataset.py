"""A small dataset folder with real pixels: invented metadata around invented slides."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import cv2

import invented_submission as invented
from bigpicture.metaflex.build import FileEntry
from bigpicture.metaflex.change import with_files
from bigpicture.metaflex.write import write_document
from bigpicture.phantom.slides import write_svs
from bigpicture.phantom.tissue import Tissue

IMAGE = "IMAGES/IMAGE_image-1"
IMAGE_DOCUMENT = "METADATA/image.xml"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_dataset(
    folder: Path,
    *,
    alias: str = "dataset-1",
    tier: str = "open",
    slide: Path | None = None,
    side: int = 1200,
    seed: int = 1,
) -> Path:
    """Write `folder`/DATASET_{alias}; its one image is an invented SVS, or a copy of `slide`."""
    root = folder / f"DATASET_{alias}"
    (root / IMAGE).mkdir(parents=True)
    if slide is None:
        write_svs(
            root / IMAGE / "slide.svs", Tissue(seed=seed, width=side, height=side, organ="colon")
        )
    else:
        sources = sorted(slide.glob("*.dcm")) if slide.is_dir() else [slide]
        for source in sources:
            (root / IMAGE / source.name).write_bytes(source.read_bytes())
    thumbnail = root / "LANDING_PAGE/THUMBNAILS/1.jpg"
    thumbnail.parent.mkdir(parents=True)
    picture = Tissue(seed=seed, width=256, height=256).region(0, 0, 256, 256)
    cv2.imwrite(str(thumbnail), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    sketch = root / "ANNOTATIONS/drawing.geojson"
    sketch.parent.mkdir()
    sketch.write_bytes(invented.SKETCH)
    documents = invented.submission()
    policy = "METADATA/policy.xml"
    more = invented.build.string_attribute("access_tier", tier)
    documents[policy] = invented.instead(policy, invented.policy(more))[policy]
    pixels = sorted((root / IMAGE).iterdir())
    entries = [FileEntry(f"{IMAGE}/{each.name}", digest(each)) for each in pixels]
    documents[IMAGE_DOCUMENT] = with_files(documents[IMAGE_DOCUMENT], "image-1", entries)
    page = "LANDING_PAGE/landing_page.xml"
    shown = FileEntry("LANDING_PAGE/THUMBNAILS/1.jpg", digest(thumbnail), "jpg")
    documents[page] = with_files(documents[page], "page-1", [shown])
    for path, document in documents.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        text = write_document(replace(document, name=path)).decode()
        place.write_text(renamed(text, alias), encoding="utf-8")
    return root


def renamed(text: str, alias: str) -> str:
    """The dataset's own alias, wherever it stands."""
    return re.sub(r'(<DATASET(?:_REF)? alias=")dataset-1"', rf'\1{alias}"', text)
