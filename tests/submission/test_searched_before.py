"""What was published before DICOM's names were kept is found by them after one reading."""

from __future__ import annotations

from sqlalchemy import null, select, update

from bigpicture.storage.records.tables import images, levels
from bigpicture.submission.searched_before import read_searched
from published import frames, stores

__all__ = ["frames", "stores"]

NAMES = (images.c.accession, images.c.study_uid, images.c.series_uid, images.c.searched)
OF_LEVELS = (levels.c.image, levels.c.level, levels.c.transfer_syntax, levels.c.searched)


def held(stores):
    with stores.records.read() as connection:
        return (
            connection.execute(select(*NAMES).order_by(images.c.accession)).all(),
            connection.execute(select(*OF_LEVELS).order_by(levels.c.image, levels.c.level)).all(),
        )


def test_old_rows_are_filled_from_the_headers(stores, frames):
    before = held(stores)
    with stores.records.write() as connection:
        connection.execute(update(images).values(study_uid=None, series_uid=None, searched=null()))
        connection.execute(update(levels).values(transfer_syntax=None, searched=null()))
    assert read_searched(stores) == 5
    assert held(stores) == before
    assert before[0][0].searched["PatientID"].startswith("PATIENT-")
    assert read_searched(stores) == 0
