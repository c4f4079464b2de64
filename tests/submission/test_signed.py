"""The report beside a converted slide is the one that its site signed."""

from __future__ import annotations

import json
import shutil

import pytest

from bigpicture.deidentify.derive import fingerprint_of
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.model.errors import IntegrityError
from bigpicture.submission.convert import convert_slide
from bigpicture.submission.examine import examine_converted
from bigpicture.submission.signed import check_signature, write_signed
from places import shared

KEY = bytes(range(32))
NAME = fingerprint_of(KEY)
SMALL = "testdata/wsi_svs/openslide__small.svs"


def convert(folder, key=KEY):
    return convert_slide(shared(SMALL), folder, pseudonyms=Pseudonyms(key))


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    return convert(tmp_path_factory.mktemp("signed") / "out")


@pytest.fixture
def folder(converted, tmp_path):
    return shutil.copytree(converted.folder, tmp_path / "out")


def faults(folder, report, **given):
    found = examine_converted(folder, report, progress=lambda *_: None, **given)
    return [f"{fault.place}: {fault.what}" for fault in found.faults]


def test_a_conversion_is_signed_by_its_site(converted):
    assert converted.report.site == NAME
    check_signature(converted.folder, site=NAME)
    assert faults(converted.folder, converted.report, site=NAME) == []


def test_equal_slides_have_equal_signatures(converted, tmp_path):
    again = convert(tmp_path / "again")
    one, other = (each.folder / "report.json.sig" for each in (converted, again))
    assert one.read_bytes() == other.read_bytes()


def test_one_changed_letter_is_found(folder, converted):
    path = folder / "report.json"
    path.write_text(path.read_text().replace('"findings": 0', '"findings": 1'))
    assert any("not the one that was signed" in each for each in faults(folder, converted.report))


def test_a_report_without_a_signature_is_found(folder, converted):
    (folder / "report.json.sig").unlink()
    assert any("is not signed" in each for each in faults(folder, converted.report))


def test_a_report_that_another_site_signed_is_found(folder, converted):
    """Who changes a report and signs it again has another key, and with it another name."""
    write_signed(folder, converted.report, KEY[::-1])
    (fault,) = faults(folder, converted.report)
    assert f"signed by the site {fingerprint_of(KEY[::-1])}, not by {NAME}" in fault
    (folder / "report.json.sig").write_bytes(b"")
    with pytest.raises(IntegrityError, match="no signature"):
        check_signature(folder, site=NAME)


def test_another_site_than_the_one_asked_for_is_found(converted):
    other = fingerprint_of(KEY[::-1])
    (fault,) = faults(converted.folder, converted.report, site=other)
    assert NAME in fault
    assert other in fault


@pytest.mark.parametrize("harm", ["report.json.sig", "report.json"])
def test_a_result_whose_signature_is_gone_or_wrong_is_made_again(folder, harm):
    path = folder / harm
    if harm == "report.json.sig":
        path.unlink()
    else:
        told = json.loads(path.read_text())
        path.write_text(json.dumps({**told, "remarks": ["nothing was removed"]}))
    again = convert(folder)
    assert not again.was_there
    check_signature(folder, site=NAME)
    assert convert(folder).was_there
