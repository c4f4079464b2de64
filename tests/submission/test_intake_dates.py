"""A node that receives identified slides shifts their days where it is set to."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pydicom
from sqlalchemy import select

import by_hand
from bigpicture.model.submission import SubmissionState
from bigpicture.phantom.identity import identity
from bigpicture.storage.records.tables import objects
from published import add_person
from submitting import contents_of, ingested, make_stores, released, sent


def headers(stores):
    with stores.records.read() as connection:
        keys = connection.scalars(select(objects.c.key).where(objects.c.header.is_not(None))).all()
    opened = [stores.vault.read(key) for key in keys]
    return [
        pydicom.dcmread(BytesIO(data), stop_before_pixels=True)
        for data in opened
        if data[128:132] == b"DICM"
    ]


def test_the_setting_reaches_the_header(tmp_path, raw_folder):
    stores = make_stores(tmp_path / "data", intake="identified", dates="shifted")
    try:
        person = add_person(stores, "cleo", "contributor")[0]
        accession, attempt = sent(stores, person, contents_of(raw_folder))
        assert ingested(stores, accession, attempt).state == SubmissionState.REVIEWING
        row = ingested(stores, accession, released(stores, accession))
        assert row.state == SubmissionState.PUBLISHED, row.problem
        found = headers(stores)
    finally:
        stores.executor.close()
        stores.records.close()
    assert found
    real = datetime.strptime(identity(5).scan_date, "%m/%d/%y")  # noqa: DTZ007 - a day
    for header in found:
        moved = real - timedelta(days=by_hand.days(b"k" * 32, str(header.PatientID)))
        assert header.AcquisitionDateTime[:8] == moved.strftime("%Y%m%d")
        assert header.LongitudinalTemporalInformationModified == "MODIFIED"
