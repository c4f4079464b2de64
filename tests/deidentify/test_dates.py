"""Days are moved by a keyed number for each subject, and only where the day is certain."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

import by_hand
from bigpicture.deidentify.dates import LEAST_DAYS, MOST_DAYS, days_of, moment_of, shifted
from bigpicture.deidentify.rules import devices_of, rules_of, tables
from bigpicture.model.allowance import Action, Field

KEY = bytes(range(32))


def moment(slide_format, *pairs):
    return moment_of(slide_format, [Field("x IFD 0", name, value) for name, value in pairs])


def test_the_number_of_days_is_worked_out_by_hand():
    for subject in ("GEZDGNBVGY3TQOJQGEZD", "", "ä"):
        assert days_of(KEY, subject) == by_hand.days(KEY, subject)


def test_it_is_never_less_than_a_year_and_every_number_is_as_likely():
    found = [days_of(KEY, str(number)) for number in range(20_000)]
    assert min(found) == LEAST_DAYS == 366
    assert max(found) == MOST_DAYS == 1826
    # 1461 numbers, 13.7 of each: a chi-square of that many stays within 5 deviations (54).
    counts = [found.count(number) for number in range(LEAST_DAYS, MOST_DAYS + 1)]
    expected = len(found) / 1461
    assert abs(sum((count - expected) ** 2 / expected for count in counts) - 1460) < 5 * 54


def test_the_year_is_never_the_real_one():
    for day in (date(2020, 1, 1), date(2020, 12, 31), date(2021, 12, 31), date(2024, 2, 29)):
        assert shifted(day, LEAST_DAYS).year < day.year


def test_intervals_survive_and_no_time_of_day_does():
    days = [date(2019, 12, 29), date(2020, 2, 29), date(2020, 3, 1), date(2024, 7, 1)]
    moved = [shifted(day, 1000) for day in days]
    assert moved[0] == datetime(2017, 4, 3, tzinfo=UTC)  # 1000 days before: 2 x 365 + 270
    for (one, other), (before, after) in zip(pairwise(days), pairwise(moved), strict=True):
        assert after - before == other - one


@pytest.mark.parametrize(
    ("slide_format", "field", "value", "day"),
    [
        ("aperio-svs", "Aperio.Date", "12/29/09", date(2009, 12, 29)),
        ("aperio-svs", "Aperio.Date", "01/02/2019", date(2019, 1, 2)),
        ("aperio-svs", "Aperio.Date", " 8/9/98 ", date(1998, 8, 9)),
        ("hamamatsu-ndpi", "TIFF.DateTime", "2017:02:07 13:06:43", date(2017, 2, 7)),
        ("hamamatsu-ndpi", "TIFF.DateTime", "2017/02/07 13:06:43\0", date(2017, 2, 7)),
        ("leica-scn", "Leica.creationDate", "2013-06-07T11:34:51.000Z", date(2013, 6, 7)),
        ("mirax", "Mirax.GENERAL.SLIDE_CREATIONDATETIME", "17/06/2021 12:41:35", date(2021, 6, 17)),
        ("mirax", "Mirax.GENERAL.SLIDE_CREATIONDATETIME", "06/06/2021 12:41:35", date(2021, 6, 6)),
        ("ome-tiff", "OME.AcquisitionDate", "2019-03-04T05:06:07", date(2019, 3, 4)),
        ("philips-tiff", "Philips.DICOM_ACQUISITION_DATETIME", "20110418145430.000000",
         date(2011, 4, 18)),
        ("dicom", "DICOM.AcquisitionDateTime", "20120327165454+0200", date(2012, 3, 27)),
        ("dicom", "DICOM.AcquisitionDate", "20120327", date(2012, 3, 27)),
        ("zeiss-czi", "Zeiss.Information.Image.AcquisitionDateAndTime",
         "2022-09-30T11:03:06.2168083Z", date(2022, 9, 30)),
        ("olympus-vsi", "Olympus.Stack.CreationTime", "1622473135", date(2021, 5, 31)),
        ("gross-image", "Photo.Exif.DateTimeOriginal", "2020:05:06 07:08:09", date(2020, 5, 6)),
    ],
)  # fmt: skip
def test_each_format_has_a_field_that_tells_the_day(slide_format, field, value, day):
    assert moment(slide_format, (field, value)).day == day


@pytest.mark.parametrize(
    ("slide_format", "pairs", "why"),
    [
        # 5 June or 6 May: nobody knows.
        ("mirax", [("Mirax.GENERAL.SLIDE_CREATIONDATETIME", "05/06/2021 12:41:35")], "several"),
        # Two regions, scanned on two days.
        ("leica-scn", [("Leica.creationDate", "2013-06-07T11:34:51Z"),
                       ("Leica.creationDate", "2013-06-08T11:34:51Z")], "several days"),
        ("aperio-svs", [("Aperio.Date", "29/12/09")], "no day"),
        ("aperio-svs", [("Aperio.Date", "Mustermann")], "no day"),
        ("aperio-svs", [("Aperio.Date", "02/30/09")], "no day"),
        ("aperio-svs", [("Aperio.Time", "12:00:00")], "does not tell"),
        # A clock that was never set, the dummy, and the first second of Unix.
        ("hamamatsu-ndpi", [("TIFF.DateTime", "0000:00:00 00:00:00")], "no day"),
        ("dicom", [("DICOM.AcquisitionDateTime", "19700101000000")], "no day"),
        ("olympus-vsi", [("Olympus.Stack.CreationTime", "0")], "no day"),
        # What was shifted before is no day of a scan.
        ("dicom", [("DICOM.AcquisitionDateTime", "20180301"),
                   ("DICOM.LongitudinalTemporalInformationModified", "MODIFIED")], "changed"),
        # The time of an export, for all that anybody knows.
        ("generic-tiff", [("TIFF.DateTime", "2020:01:01 00:00:00")], "no field"),
        ("akoya-qptiff", [("TIFF.DateTime", "2020:01:01 00:00:00")], "no field"),
        ("ventana-bif", [], "no field"),
    ],
)  # fmt: skip
def test_a_day_that_is_not_certain_is_not_told(slide_format, pairs, why):
    found = moment(slide_format, *pairs)
    assert found.day is None
    assert why in found.why
    assert all(value not in found.why for _, value in pairs)


def test_what_tells_the_day_is_a_date_and_what_names_a_device_is_no_value_that_stays():
    """A field that a table names for these is judged by that table, and never kept."""
    for slide_format, (table, *_) in tables().items():
        rules = rules_of(slide_format)
        for one in table.get("moment", ()):
            assert rules.get(one["field"]) is Action.DATE, one
        for name in devices_of(slide_format):
            assert rules.get(name) is Action.PSEUDONYM, name
