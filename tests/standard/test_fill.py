"""An image is filled from its slide; what a person chose, or a slide cannot know, stays."""

from __future__ import annotations

from dataclasses import replace

from bigpicture.metaflex import build
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.tree import Comment
from bigpicture.metaflex.write import write_document
from bigpicture.model.attribute import find
from bigpicture.model.attribute_list import from_list, to_list
from bigpicture.model.slide_facts import ImageFacts, InstanceFacts
from bigpicture.standard.check import check
from bigpicture.standard.fill import filled, filling_of, told_filling
from editing import in_file, is_tagged, with_attribute
from invented_submission import pair, submission

IMAGE = "METADATA/image.xml"


def study_of(documents):
    return read_submission({name: write_document(each) for name, each in documents.items()})


SLIDE = ImageFacts(study_of(submission()).images[0].stated)


def done(documents, facts=SLIDE):
    """The documents after filling, as they are read again."""
    study = study_of(documents)
    [image] = study.images
    filling = filling_of(image, facts)
    changed = filled(documents, {image.key: filling} if filling else {})
    return {**documents, **changed}, filling


def without(*tags):
    return in_file(submission(), IMAGE, is_tagged(*tags), lambda _: None)


ALL = [each.tag for each in SLIDE.attributes]


def test_an_image_without_any_attribute_gets_all_that_its_slide_tells():
    documents, filling = done(without(*ALL))
    # a person says whether it is a tissue microarray
    assert [each.rule for each in check(study_of(documents))] == ["6.2.17"]
    [image] = study_of(documents).images
    assert set(image.stated) == {each for each in SLIDE.attributes if each.tag != "tma_status"}
    told = told_filling(image, filling)
    assert (told.rule, told.severity) == ("BP-header", "repaired")
    assert "pixel_spacing" in told.what


def test_an_image_that_says_it_all_is_left_alone():
    documents, filling = done(submission())
    assert filling == ()
    assert documents == submission()


def test_what_contradicts_is_replaced_where_it_stood_and_nothing_else():
    wrong = with_attribute(
        submission(), IMAGE, "pixel_spacing",
        pair("pixel_spacing", "vertical", "horizontal", units="micrometers", value=0.5),
    )  # fmt: skip
    documents, filling = done(wrong)
    assert [each.tag for each in filling] == ["pixel_spacing"]
    assert documents[IMAGE].root == submission()[IMAGE].root


def test_only_the_missing_member_of_a_set_is_added():
    spaced = build.set_attribute(
        "pixel_spacing", [build.measurement_attribute("vertical", 0.2501, "micrometers")]
    )
    documents, _ = done(with_attribute(submission(), IMAGE, "pixel_spacing", spaced))
    [image] = study_of(documents).images
    assert (image.mpp_x, image.mpp_y) == (0.25, 0.2501)


def test_not_available_is_a_choice_where_the_standard_allows_it():
    nil = build.string_attribute("manufacturers_model_name", None)
    assert done(with_attribute(submission(), IMAGE, "manufacturers_model_name", nil))[1] == ()
    nil = build.string_attribute("focus_method", None)
    [focus] = done(with_attribute(submission(), IMAGE, "focus_method", nil))[1]
    assert focus.text == "AUTO"


def test_days_and_numbers_of_devices_are_never_written():
    told = tuple(
        replace(each, value="2020-01-02") if each.tag == "acquisition_datetime" else each
        for each in SLIDE.attributes
    )
    serial = replace(find(told, "focus_method"), tag="device_serial_number", value="SN-1")
    assert done(without("acquisition_datetime"), ImageFacts((*told, serial)))[1] == ()
    [day] = done(without("acquisition_datetime"))[1]
    assert day.text == "1970-01-01"


def test_comments_and_own_attributes_stay():
    own = build.string_attribute("of_my_own", "kept")
    documents = without("focus_method")
    [image] = documents[IMAGE].root.children
    stated = image.child("ATTRIBUTES")
    children = (Comment("by hand"), *stated.children, own)
    held = tuple(
        replace(stated, children=children) if each is stated else each for each in image.children
    )
    root = replace(documents[IMAGE].root, children=(replace(image, children=held),))
    documents[IMAGE] = replace(documents[IMAGE], root=root)
    text = write_document(done(documents)[0][IMAGE]).decode()
    assert "<!--by hand-->" in text
    assert "of_my_own" in text
    assert text.index("of_my_own") < text.index("focus_method")


def test_facts_read_back_from_json_the_same():
    facts = InstanceFacts(None, 4096, 4096, 1, None, SLIDE.attributes)
    assert InstanceFacts.from_json(facts.as_json()) == facts
    assert from_list(to_list(SLIDE.attributes)) == SLIDE.attributes
