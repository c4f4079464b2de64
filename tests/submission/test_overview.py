"""An overview stays where it was asked for and shows no writing, label or code; else it goes."""

from __future__ import annotations

import cv2
import numpy as np
import openslide
import pydicom
import pytest
import wsidicom

from bigpicture.deidentify.check import check_instance
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.dicom.file import FileSource
from bigpicture.model.errors import LeakError
from bigpicture.phantom.label import macro_picture
from bigpicture.sandbox.run import Sandbox
from bigpicture.submission.convert import convert_slide, verify
from bigpicture.submission.examine import examine_converted
from bigpicture.submission.inspect import inspect_instance
from made_glass import WHO, glass, svs


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(preload=("bigpicture.submission.convert",)) as made:
        yield made


@pytest.fixture
def make(sandbox, tmp_path):
    def convert(overview, **given):
        source = svs(tmp_path / "slide.svs", overview)
        keys = Pseudonyms(bytes(32))
        return convert_slide(source, tmp_path / "out", pseudonyms=keys, sandbox=sandbox, **given)

    return convert


def test_a_clean_overview_stays_and_others_read_it(make, tmp_path):
    made = make(glass(), keeps_overview=True)
    path = tmp_path / "out/overview.dcm"
    header = pydicom.dcmread(path)
    assert list(header.ImageType)[:3] == ["ORIGINAL", "PRIMARY", "OVERVIEW"]
    assert header.SpecimenLabelInImage == "NO"
    assert header.FrameOfReferenceUID != pydicom.dcmread(made.instances[0]).FrameOfReferenceUID
    assert np.abs(header.pixel_array.astype(int) - glass()).mean() < 2
    theirs = openslide.OpenSlide(str(made.instances[0])).associated_images["macro"]
    assert theirs.size == (1280, 431)
    with wsidicom.WsiDicom.open(tmp_path / "out") as slide:
        assert len(slide.overviews) == 1
    verify(tmp_path / "out", made.report)
    examined = examine_converted(tmp_path / "out", made.report, progress=lambda *_: None)
    assert examined.is_sound
    assert {each.flavour for each in made.report.left_out} == {"LABEL", "THUMBNAIL"}


def test_it_goes_where_nobody_asked_for_it(make, tmp_path):
    made = make(glass())
    assert not (tmp_path / "out/overview.dcm").exists()
    (told,) = [each for each in made.report.left_out if each.flavour == "OVERVIEW"]
    assert "not asked for" in told.reason


def test_an_overview_that_shows_the_label_goes(make, tmp_path):
    made = make(macro_picture(WHO, glass()[::2, ::2].copy()), keeps_overview=True)
    assert not (tmp_path / "out/overview.dcm").exists()
    (told,) = [each for each in made.report.left_out if each.flavour == "OVERVIEW"]
    assert "the detector found" in told.reason
    # The label lies in the left third of the glass.
    assert any(mark.x < 430 for mark in told.marks)
    assert WHO.family_name not in made.report.to_bytes().decode()


def test_codes_in_the_pictures_left_behind_are_searched_for(make):
    """The label's two codes, as zxing reads them, are among the needles."""
    plain = make(glass()).report.scan.strings
    assert plain >= 2


def test_another_run_knows_whether_it_was_asked_for(make):
    assert not make(glass(), keeps_overview=True).was_there
    assert make(glass(), keeps_overview=True).was_there
    again = make(glass())
    assert not again.was_there
    assert again.report.beside == ()


def test_the_node_looks_at_an_overview_itself(make, tmp_path):
    """Whoever writes our header around a label is found out."""
    make(glass(), keeps_overview=True)
    path = tmp_path / "out/overview.dcm"
    assert inspect_instance(path, "a").flavour == "OVERVIEW"
    dataset = pydicom.dcmread(path)
    macro = macro_picture(WHO, glass()[::2, ::2].copy())
    encoded = cv2.imencode(".jpg", macro[:, :, ::-1])[1].tobytes()
    dataset.PixelData = pydicom.encaps.encapsulate([encoded])
    del dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths
    dataset["PixelData"].is_undefined_length = True
    hostile = tmp_path / "hostile.dcm"
    dataset.save_as(hostile)
    with FileSource(hostile) as source:
        findings = check_instance(source, "hostile.dcm")
    assert any("overview shows" in each.what for each in findings)
    with pytest.raises(LeakError):
        inspect_instance(hostile, "hostile.dcm")
