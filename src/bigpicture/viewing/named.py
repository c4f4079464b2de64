"""Named: where DICOM's names of a study, a series or an instance lead."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bigpicture.model.bounded import Bounded
from bigpicture.storage.records import Records
from bigpicture.storage.records import tables as t

FRESH_SECONDS = 2.0
"""How long an answer is believed: what is published meanwhile is found after it."""
_KEPT = 20_000
MOST = 10_000
"""Images of one study that are found."""


@dataclass(frozen=True, slots=True)
class Names:
    """What somebody asks for: a study, a series of it, an instance of that."""

    study: str
    series: str | None = None
    instance: str | None = None


@dataclass(frozen=True, slots=True)
class NamedImage:
    """An image that bears the names, and its dataset: which of them one may see is not said."""

    accession: str
    dataset: str
    series: str


class Named:
    """Finds images by the names that DICOM gives them; takes no decision.

    Several images may bear the same names: a dataset may hold what another held before. Those of
    what was published last come first.
    """

    def __init__(self, records: Records, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._records = records
        self._clock = clock
        self._kept: Bounded[Names, tuple[float, tuple[NamedImage, ...]]] = Bounded(_KEPT)

    async def find(self, names: Names) -> tuple[NamedImage, ...]:
        """Every image that bears the names; none where nothing does."""
        kept = self._kept.get(names)
        now = self._clock()
        if kept is not None and now - kept[0] < FRESH_SECONDS:
            return kept[1]
        found = await asyncio.to_thread(self._find, names)
        if found:
            self._kept.put(names, (now, found), 1 + len(found))
        return found

    def _find(self, names: Names) -> tuple[NamedImage, ...]:
        with self._records.read() as connection:
            return find_named(connection, names)


def find_named(connection: Connection, names: Names) -> tuple[NamedImage, ...]:
    """Images by their names, the last published dataset's first, then in its order."""
    images = t.images
    asked = (
        select(images.c.accession, images.c.dataset, images.c.series_uid)
        .join(t.datasets, t.datasets.c.accession == images.c.dataset)
        .where(images.c.study_uid == names.study)
        .order_by(t.datasets.c.seq.desc(), images.c.ordinal, images.c.accession)
        .limit(MOST)
    )
    if names.series is not None:
        asked = asked.where(images.c.series_uid == names.series)
    if names.instance is not None:
        asked = asked.where(
            select(t.levels.c.level)
            .where(
                t.levels.c.image == images.c.accession,
                t.levels.c.sop_instance_uid == names.instance,
            )
            .exists()
        )
    return tuple(NamedImage(*row) for row in connection.execute(asked))
