"""The conversions of one folder: what became of each slide, rewritten whole after each of them.

It lies beside the converted slides and travels with them, so that slides go by their pseudonyms:
no name of a source is in it, nor in the page that shows it.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from bigpicture.deidentify.report import (
    Report,
    actions_of,
    bare_place,
    rules_digest,
    software,
)
from bigpicture.model.errors import BigpictureError, IntegrityError
from bigpicture.submission.conversions_page import draw_page
from bigpicture.submission.convert import REPORT_NAME
from bigpicture.submission.staging import unwritable
from bigpicture.system.files import create, write_through
from bigpicture.system.lock import locked

VERSION = 1
RECORD_NAME, PAGE_NAME = "conversion.json", "conversion.html"
_SHARE_OF_TIME = 20
"""The page holds pictures: it is rewritten when so many times its own writing have passed."""
_SHORTEST_NAME = 4
"""Letters of a slide's name that are taken out of a text wherever they stand."""
_COUNTED = re.compile(
    r"\b(?:level|tile|frame|plane|channel|page|directory|IFD|block|scene) \d{1,9}\b"
)


class State(StrEnum):
    """What became of a slide. `UNCHANGED`: an earlier run made it, this one checked it."""

    WAITING = "waiting"
    CONVERTED = "converted"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a slide was not converted; nothing of it names the source."""

    error: str
    what: str
    place: str
    rule: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """One slide: `image` is its pseudonym and the name of its folder."""

    image: str
    state: State
    refused: Refused | None = None
    report: Report | None = None

    def as_json(self) -> dict[str, object]:
        told: dict[str, object] = {"image": self.image, "state": str(self.state)}
        if self.refused is not None:
            told |= asdict(self.refused)
        if self.report is not None:
            report = self.report
            actions = actions_of(report.fields)
            told |= {
                "folder": self.image,
                "report": f"{self.image}/{REPORT_NAME}",
                "format": report.format,
                "levels": len(report.instances),
                "columns": report.instances[0].columns,
                "rows": report.instances[0].rows,
                "bytes": sum(each.bytes for each in report.instances),
                "frames_copied": report.frames_copied,
                "frames_encoded": report.frames_encoded,
                "fields_removed": sum(actions.values()) - actions.get("keep", 0),
                "images_left_out": len(report.left_out),
                "largest_difference": report.gate.largest_difference,
                "mean_difference": report.gate.mean_difference,
                "pixels_root": report.pixels_root,
                "remarks": list(report.remarks),
            }
        return told


class Conversions:
    """The record in `folder`; `images` are the pseudonyms of a run's slides, in their order.

    Slides of earlier runs that lie there are in it too. May be used from several threads.
    """

    def __init__(self, folder: Path, images: Sequence[str]) -> None:
        self._folder = folder
        self._slides = [Conversion(image, State.WAITING) for image in images]
        self._pictures: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._page_due = 0.0
        self._is_finished = False
        self._others: list[Conversion] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(error, folder.name) from error
        self._look_around()
        self._write(is_page_due=True)

    def put(self, number: int, conversion: Conversion, picture: bytes | None = None) -> None:
        """Set what became of slide `number`, and write it down."""
        with self._lock:
            self._slides[number] = conversion
            if picture is not None:
                self._pictures[conversion.image] = picture
            self._write(is_page_due=time.monotonic() >= self._page_due)

    def end(self) -> None:
        """Write the last state; the run is finished where no slide is waiting."""
        with self._lock:
            self._is_finished = all(each.state is not State.WAITING for each in self._slides)
            self._look_around()
            self._write(is_page_due=True)

    @property
    def slides(self) -> list[Conversion]:
        return [*self._slides, *self._others]

    def _look_around(self) -> None:
        """What other runs put into the folder."""
        mine = {each.image for each in self._slides}
        self._others = []
        for path in sorted(self._folder.iterdir()):
            if path.name in mine or path.name.startswith(".") or not path.is_dir():
                continue
            with suppress(OSError, IntegrityError):
                report = Report.from_bytes((path / REPORT_NAME).read_bytes())
                self._others.append(Conversion(path.name, State.UNCHANGED, report=report))

    def _write(self, *, is_page_due: bool) -> None:
        told = {
            "version": VERSION,
            "software": software(),
            "rules": rules_digest(),
            "is_finished": self._is_finished,
            "counts": {
                str(state): sum(each.state is state for each in self.slides) for state in State
            },
            "slides": [each.as_json() for each in self.slides],
        }
        record = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
        try:
            with locked(self._folder):
                write_whole(self._folder / RECORD_NAME, record.encode("utf-8"))
                if is_page_due:
                    began = time.monotonic()
                    page = draw_page(told, self._pictures)
                    write_whole(self._folder / PAGE_NAME, page.encode("utf-8"))
                    took = time.monotonic() - began
                    self._page_due = time.monotonic() + _SHARE_OF_TIME * took
        except OSError as error:
            raise unwritable(error, RECORD_NAME) from error


def refused(image: str, source: Path, error: BigpictureError) -> Conversion:
    """The record of a slide that was not converted, without the source's name."""
    return Conversion(
        image,
        State.REFUSED,
        refused=Refused(
            error=type(error).__name__,
            what=_nameless(error.what, source),
            place=_place(error.place, source),
            rule=_nameless(error.rule, source),
            remedy=_nameless(error.remedy, source),
        ),
    )


def _nameless(text: str, source: Path) -> str:
    for name in (str(source), source.name, source.stem):
        if len(name) >= _SHORTEST_NAME:
            text = text.replace(name, "the slide")
    return text


def _place(place: str, source: Path) -> str:
    """Where in the slide: tags and numbers only, because the files of a slide have names too."""
    rest = place.replace(source.name, "")
    return _nameless(bare_place(rest), source) or " ".join(_COUNTED.findall(rest))


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file under its name whole, or leave the earlier one there.

    Call it with the folder `locked`. What a kill leaves half-written the next call writes over.
    """
    half = path.with_name(f".{path.name}.partial")
    try:
        half.unlink(missing_ok=True)
        with create(half, mode=mode) as file:
            file.write(data)
            write_through(file)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
