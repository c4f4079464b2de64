"""Each rule matters: with it off, what it holds back goes on; each guard, likewise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pydicom
import pytest
import tifffile

import made_gross
import made_ome_tiff
from bigpicture.deidentify.check import check_instance
from bigpicture.deidentify.needles import needles_of
from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.deidentify.rules import Rules, Section, allow_list, check_forms, rules_of, tables
from bigpicture.deidentify.values import FORMS
from bigpicture.dicom import convert as converting
from bigpicture.dicom.convert import convert
from bigpicture.dicom.file import FileSource
from bigpicture.dicom.sift import sift
from bigpicture.model.allowance import AllowList, Field
from bigpicture.model.errors import SlideError
from bigpicture.submission.convert import subject_from_pseudonyms
from canaries import canary, found_in
from slide_making import pattern

NAMED = subject_from_pseudonyms(Pseudonyms(bytes(32)), "a")
HELD_BACK = {Section.DROP, Section.GIVEN, Section.DATE, Section.PSEUDONYM}


@dataclass
class Carrying:
    """As much of a slide as the sift asks for: one field."""

    format: str
    fields: tuple[Field, ...]
    place: str = "slide"


def with_row_off(rules: Rules, name: str) -> Rules:
    """The rules with one row that keeps whatever stands there."""
    row = rules.rule(name)
    assert row is not None
    off = replace(row, section=Section.KEEP, form="")
    exact = {**rules.exact, name: off}
    return Rules(exact, tuple(each for each in rules.beginnings if each != row), rules.otherwise)


def rows_of(slide_format):
    rules = rules_of(slide_format)
    for rule in [*rules.exact.values(), *rules.beginnings]:
        yield rule, rule.name.replace("*", "Zzz")


@pytest.mark.parametrize("slide_format", sorted(tables()))
def test_with_any_row_off_its_canary_goes_on(slide_format):
    rules = rules_of(slide_format)
    looked_at = 0
    for rule, name in rows_of(slide_format):
        slide = Carrying(slide_format, (Field("there", name, canary(1)),))
        if rule.section not in HELD_BACK:
            continue
        looked_at += 1
        kept, removed = sift(slide, allow_list(slide_format), NAMED)
        assert canary(1) not in kept.values(), name
        assert removed, name
        kept, _ = sift(slide, AllowList(slide_format, with_row_off(rules, name)), NAMED)
        assert canary(1) in kept.values(), name
    assert looked_at > 5 or slide_format == "dicom"


@pytest.mark.parametrize("slide_format", sorted(tables()))
def test_every_form_holds_a_canary_back_or_says_that_a_closed_list_does(slide_format):
    """What names a channel is no form: only dyes of the closed list are written of it."""
    for rule, name in rows_of(slide_format):
        if not rule.form or rule.form == "channel" or FORMS[rule.form].only_checked:
            continue
        found = Field("there", name, f"{canary(1)} Mustermann")
        if rule.is_needed:
            with pytest.raises(SlideError) as caught:
                check_forms(slide_format, [found])
            assert name in str(caught.value), name
            assert not found_in(str(caught.value).encode()), name
            continue
        check_forms(slide_format, [found])
        kept, removed = sift(Carrying(slide_format, (found,)), allow_list(slide_format), NAMED)
        assert kept == {}, name
        assert len(removed) == 1, name
        assert needles_of(slide_format, [found]), name


def ome(path, model):
    xml = made_ome_tiff.document(
        made_ome_tiff.image(SizeX=200, SizeY=150, Type="uint16", PhysicalSizeX="0.5",
                            PhysicalSizeY="0.5"),
        before=f'<Instrument ID="Instrument:0"><Microscope Model="{model}"/></Instrument>',
    )  # fmt: skip
    made_ome_tiff.write(path, xml, [made_ome_tiff.values(150, 200)], tile=(64, 64))


def written(source, folder, allowed):
    folder.mkdir(exist_ok=True)
    convert(source, folder, allowed=allowed, subject=NAMED)
    return folder / "level-0.dcm"


def findings_of(path):
    with FileSource(path) as source:
        return check_instance(source, "level-0.dcm")


def test_with_the_form_of_a_model_off_the_check_still_sees_it(tmp_path):
    ome(tmp_path / "a.ome.tif", canary(1))
    allowed = allow_list("ome-tiff")
    clean = written(tmp_path / "a.ome.tif", tmp_path / "on", allowed)
    assert not found_in(clean.read_bytes())
    assert findings_of(clean) == []
    off = replace(allowed, forms={})
    leaking = written(tmp_path / "a.ome.tif", tmp_path / "off", off)
    assert found_in(leaking.read_bytes())
    assert any("ManufacturerModelName" in each.place for each in findings_of(leaking))


def test_a_model_that_is_known_is_still_told(tmp_path):
    ome(tmp_path / "a.ome.tif", "Axioscan 7")
    made = written(tmp_path / "a.ome.tif", tmp_path / "on", allow_list("ome-tiff"))
    assert pydicom.dcmread(made).ManufacturerModelName == "Axioscan 7"


def test_with_the_cleaning_of_profiles_off_their_text_goes_on(tmp_path, monkeypatch):
    profile = made_gross.profile() + canary(1).encode() * 2
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, pattern(200, 300), tile=(64, 64), photometric="rgb", metadata=None,
                     resolution=(20000, 20000), resolutionunit="CENTIMETER",
                     iccprofile=profile)  # fmt: skip
    allowed = allow_list("generic-tiff")
    assert not found_in(written(path, tmp_path / "on", allowed).read_bytes())
    monkeypatch.setattr(converting, "without_texts", lambda data, place: data)
    assert found_in(written(path, tmp_path / "off", allowed).read_bytes())


def test_cleaning_a_clean_profile_changes_nothing():
    once = converting.without_texts(made_gross.profile(), place="a")
    assert converting.without_texts(once, place="a") == once
