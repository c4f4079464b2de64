"""A slide that was cleaned is clean: cleaning it again under the same key changes no byte."""

from __future__ import annotations

import hashlib

import pydicom
import pytest
from PIL import ImageCms
from pydicom.uid import UID

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.icc import without_texts
from bigpicture.model.dates import Dates
from bigpicture.model.errors import LeakError
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide, subject_from_pseudonyms
from bigpicture.submission.rewrite import SHIFTED
from places import shared
from slides_of_every_format import CASES

PSEUDONYMS = Pseudonyms(bytes(range(32)))
OTHER = Pseudonyms(bytes(range(1, 33)))
WHO = "S-1"
DATED = "testdata/wsi_svs/openslide__small.svs"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


def clean(source, folder, sandbox, *, key=PSEUDONYMS, mpp=None, dates=Dates.REMOVED):
    subject = subject_from_pseudonyms(key, WHO, mpp=mpp)
    return convert_slide(
        source, folder, pseudonyms=key, subject=subject, dates=dates, sandbox=sandbox
    )


def digests(converted):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in converted.instances
    }


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name, marks=[pytest.mark.long] if "real" in case.name else [])
        for case in CASES
    ],
)
def test_cleaning_a_clean_slide_changes_nothing(case, sandbox, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    once = clean(case.make(made), tmp_path / "once", sandbox, mpp=case.mpp)
    twice = clean(once.folder, tmp_path / "twice", sandbox, mpp=case.mpp)
    assert digests(twice) == digests(once)
    assert twice.report.pixels_root == once.report.pixels_root


def test_a_shifted_day_is_not_shifted_again(sandbox, tmp_path):
    source = shared(DATED)
    once = clean(source, tmp_path / "once", sandbox, dates=Dates.SHIFTED)
    assert SHIFTED in once.report.remarks
    twice = clean(once.folder, tmp_path / "twice", sandbox, dates=Dates.SHIFTED)
    assert digests(twice) == digests(once)
    assert SHIFTED in twice.report.remarks


def test_a_shifted_day_goes_where_no_day_is_wanted(sandbox, tmp_path):
    once = clean(shared(DATED), tmp_path / "once", sandbox, dates=Dates.SHIFTED)
    again = clean(once.folder, tmp_path / "again", sandbox)
    never = clean(shared(DATED), tmp_path / "never", sandbox)
    assert digests(again) == digests(never)


def test_what_another_key_wrote_gets_new_pseudonyms(sandbox, tmp_path):
    once = clean(shared(DATED), tmp_path / "once", sandbox)
    other = clean(once.folder, tmp_path / "other", sandbox, key=OTHER)
    before, after = (pydicom.dcmread(each.instances[0]) for each in (once, other))
    for keyword in ("StudyInstanceUID", "SOPInstanceUID", "PatientID", "ContainerIdentifier"):
        assert before[keyword].value != after[keyword].value


def test_names_are_no_excuse_where_the_identifiers_are_not_ours(sandbox, tmp_path):
    """Whoever types a pseudonym into a foreign header does not hold the key that derives UIDs."""
    once = clean(shared(DATED), tmp_path / "once", sandbox)
    header = pydicom.dcmread(once.instances[0])
    header.StudyInstanceUID = UID("2.25.4711")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    header.save_as(foreign / "level-0.dcm")
    with pytest.raises(LeakError):
        clean(foreign, tmp_path / "never", sandbox)
    assert not (tmp_path / "never").exists()


def test_a_clean_colour_profile_is_clean():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    once = without_texts(profile, place="profile")
    assert once != profile
    assert without_texts(once, place="profile") == once
