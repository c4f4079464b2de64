"""The slide that a result refers to: whose it is, and where its pixels lie on the glass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

UNTOLD_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideFrame:
    """What of a slide's finest instance a derived object repeats or references.

    `columns` and `rows` are level-0 pixels (the total pixel matrix of the finest instance), `mpp`
    micrometres per level-0 pixel (x, y), None where the slide has none. `origin` (x, y,
    millimetres) is where the upper left corner of that matrix lies in the slide coordinate system
    of DICOM, `along_row` and `along_column` the unit vectors of its x and y axis there
    (PS3.3 C.8.12.2.1.1). All levels of a slide share that corner.
    """

    study_uid: str
    series_uid: str
    instance_uid: str
    frame_of_reference_uid: str
    columns: int
    rows: int
    mpp: tuple[float, float] | None
    origin: tuple[float, float] = (0.0, 0.0)
    along_row: tuple[float, float, float] = (0.0, -1.0, 0.0)
    along_column: tuple[float, float, float] = (-1.0, 0.0, 0.0)
    patient: str = ""
    sex: str = ""
    accession_number: str = ""
    container: str = ""
    specimen: str = ""
    specimen_uid: str = ""

    def on_glass(self, x: float, y: float) -> tuple[float, float]:
        """Where a level-0 coordinate lies on the glass, in millimetres; without `mpp`, 1 µm each.

        The upper left corner of the upper left pixel is (0, 0).
        """
        across, down = self.spacing
        return (
            self.origin[0] + x * across * self.along_row[0] + y * down * self.along_column[0],
            self.origin[1] + x * across * self.along_row[1] + y * down * self.along_column[1],
        )

    def from_glass(self, x: float, y: float) -> tuple[float, float]:
        """The level-0 coordinate of a place on the glass: the inverse of `on_glass`."""
        across, down = self.spacing
        left, up = x - self.origin[0], y - self.origin[1]
        row, column = self.along_row, self.along_column
        return (left * row[0] + up * row[1]) / across, (left * column[0] + up * column[1]) / down

    @property
    def spacing(self) -> tuple[float, float]:
        """Millimetres per level-0 pixel (x, y); a nominal micrometre where nobody told."""
        x, y = self.mpp or (1.0, 1.0)
        return x / 1000, y / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """The algorithm that made a result, as the result's header names it.

    `key` distinguishes two runs of one algorithm over one slide: it goes into the identifiers of
    the object, so that the same run writes the same bytes again. `moment` is when it was made.
    """

    name: str = "algorithm not told"
    version: str = "not told"
    key: str = ""
    moment: datetime = UNTOLD_TIME
