"""A converted slide tells its shifted day, and no byte tells the real one."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pydicom
import pytest
import tifffile

import by_hand
from bigpicture.deidentify.check import check_instance
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import allow_list, devices_of, tables
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.sift import sift
from bigpicture.model.allowance import Field
from bigpicture.model.dates import Dates
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide, subject_from_pseudonyms
from slide_making import subject

KEY = bytes(range(32))
PSEUDONYMS = Pseudonyms(KEY)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


def svs(path, day, *, serial="SS1234", more=""):
    noise = np.random.default_rng(1).integers(100, 255, (300, 300, 3), np.uint8)
    told = (
        "Aperio Image Library v12.0.15 \r\n300x300 [0,0 300x300] (240x240) JPEG/YCC Q=70"
        f"|AppMag = 20|MPP = 0.4990|Date = {day}|Time = 13:14:15|ScanScope ID = {serial}{more}"
    )
    tifffile.imwrite(
        path, noise, tile=(240, 240), photometric="ycbcr", compression="jpeg", description=told,
        metadata=None,
    )  # fmt: skip
    return path


@pytest.fixture
def header(sandbox, tmp_path):
    def convert(day, *, name="S-1", who="S-1", dates=Dates.SHIFTED, more=""):
        source = svs(tmp_path / f"{name}.svs", day, more=more)
        made = convert_slide(
            source,
            tmp_path / f"out-{name}-{dates}",
            pseudonyms=PSEUDONYMS,
            subject=subject_from_pseudonyms(PSEUDONYMS, who),
            dates=dates,
            sandbox=sandbox,
        )
        return made, pydicom.dcmread(made.instances[0], stop_before_pixels=True)

    return convert


def day_of(header):
    return date.fromisoformat(header.AcquisitionDateTime[:8])


def test_the_header_says_the_shifted_day_and_that_it_is_shifted(header):
    """PS3.15 E.3.6, PS3.16 CID 7050, PS3.3 C.12.1.1.1."""
    made, found = header("12/29/19")
    patient = by_hand.name(KEY, "patient", "S-1")
    assert found.PatientID == patient
    assert (date(2019, 12, 29) - day_of(found)).days == by_hand.days(KEY, patient)
    assert found.AcquisitionDateTime[8:] == "000000"
    assert (found.ContentDate, found.ContentTime) == (found.AcquisitionDateTime[:8], "000000")
    assert found.LongitudinalTemporalInformationModified == "MODIFIED"
    codes = {
        (code.CodeValue, code.CodeMeaning) for code in found.DeidentificationMethodCodeSequence
    }
    told = "Retain Longitudinal Temporal Information Modified Dates Option"
    assert ("113107", told) in codes
    assert "The date is shifted." in made.report.remarks
    for path in made.instances:
        with FileSource(path) as file:
            assert check_instance(file, path.name) == []


def test_two_slides_of_one_subject_are_as_far_apart_as_they_were(header):
    one, other = header("12/29/19", name="S-1")[1], header("01/05/20", name="S-2")[1]
    assert (day_of(other) - day_of(one)).days == 7
    stranger = header("01/05/20", name="S-3", who="S-3")[1]
    assert day_of(stranger) != day_of(other)


def test_no_byte_of_the_output_tells_the_real_day(header):
    made, found = header("12/29/19")
    for path in made.folder.iterdir():
        data = path.read_bytes()
        for real in (b"20191229", b"2019-12-29", b"12/29/19", b"131415", b"13:14:15"):
            assert real not in data, path.name
    days = [element for element in found.iterall() if element.VR in {"DA", "DT"}]
    assert {str(element.value)[:8] for element in days} == {found.ContentDate, ""}


def test_dates_are_removed_unless_asked_for(header):
    made, found = header("12/29/19", dates=Dates.REMOVED)
    assert found.AcquisitionDateTime == "19700101000000"
    assert found.LongitudinalTemporalInformationModified == "REMOVED"
    codes = {code.CodeValue for code in found.DeidentificationMethodCodeSequence}
    assert "113107" not in codes
    assert not made.report.remarks or "date" not in " ".join(made.report.remarks)


def test_a_day_that_is_not_certain_is_removed_and_the_report_says_why(header):
    made, found = header("29/12/19")
    assert found.AcquisitionDateTime == "19700101000000"
    assert found.LongitudinalTemporalInformationModified == "REMOVED"
    assert any("left out, not shifted: Aperio.Date" in remark for remark in made.report.remarks)


def test_a_shifted_day_that_is_by_chance_another_date_of_the_source_stops_nothing(header):
    """Scanners tell days of calibration and of export too; each is searched for, but this one."""
    days = by_hand.days(KEY, by_hand.name(KEY, "patient", "S-1"))
    moved = date(2019, 12, 29) - timedelta(days=days)
    found = header("12/29/19", more=f"|ConverterEpoch = {moved:%Y-%m-%d}")[1]
    assert day_of(found) == moved


def test_another_choice_makes_the_slide_again(header):
    assert not header("12/29/19")[0].was_there
    assert header("12/29/19")[0].was_there


def test_what_was_shifted_is_not_shifted_twice(header, sandbox, tmp_path):
    first, _ = header("12/29/19")
    again = convert_slide(
        first.folder,
        tmp_path / "again",
        pseudonyms=PSEUDONYMS,
        dates=Dates.SHIFTED,
        sandbox=sandbox,
    )
    found = pydicom.dcmread(again.instances[0], stop_before_pixels=True)
    assert found.LongitudinalTemporalInformationModified == "REMOVED"


def test_a_device_has_one_pseudonym_in_every_format(tmp_path):
    """The serial number that a vendor's own file and DICOM tell alike gets one pseudonym."""
    expected = by_hand.name(KEY, "device", "SS1234")
    count = 0
    for slide_format in tables():
        for name in devices_of(slide_format):
            with open_slide(svs(tmp_path / "a.svs", "12/29/19")) as slide:
                object.__setattr__(slide, "format", slide_format)
                object.__setattr__(slide, "fields", (Field("x", name, "SS1234 "),))
                who = subject(pseudonym=PSEUDONYMS.name)
                kept, _ = sift(slide, allow_list(slide_format), who)
            assert kept == {name: expected}
            count += 1
    assert count >= 15


def test_a_device_reaches_the_header_under_that_pseudonym(header):
    found = header("12/29/19")[1]
    assert found.DeviceSerialNumber == by_hand.name(KEY, "device", "SS1234")
