"""What became of a planned slide: the seam between rendering and describing."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.metaflex.build import FileEntry, reference
from bigpicture.metaflex.tree import Element
from bigpicture.phantom.study import PlannedSlide, Study


@dataclass(frozen=True)
class MadeImage:
    """What became of a planned slide: files of the folder, size in pixels, share of compression."""

    slide: PlannedSlide
    files: tuple[FileEntry, ...]
    width: int
    height: int
    tile: int
    ratio: float
    annotation: FileEntry | None = None


def dataset_ref(study: Study) -> Element:
    return reference("DATASET_REF", study.alias)
