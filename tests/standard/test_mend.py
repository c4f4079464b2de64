"""What has one meaning only is mended, nothing else is touched, and once is enough."""

from __future__ import annotations

from dataclasses import replace

from bigpicture.metaflex import build
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.tree import Comment, Document
from bigpicture.metaflex.write import write_document
from bigpicture.model.code import Code
from bigpicture.standard.check import check
from bigpicture.standard.mend import mended
from editing import in_file, with_attribute
from invented_everything import everything
from invented_submission import FILES


def damaged() -> dict[str, Document]:
    """Spelled in the ways that real data are, the dataset's list empty, the page out of date."""
    documents = everything(is_clinical=True)
    liver = Code("10200004", "sct", "Liver structure")
    for file, tag, attribute in (
        (
            "METADATA/policy.xml",
            "type_of_dataset",
            build.string_attribute("type_of_dataset", "Clinical / Pseudonymized"),
        ),
        (
            "LANDING_PAGE/landing_page.xml",
            "header",
            build.string_attribute("header", "Something else"),
        ),
        (
            "METADATA/sample.xml",
            "anatomical_site",
            build.code_attribute("anatomical_site", liver),
        ),
        (
            "METADATA/image.xml",
            "depth_of_field",
            build.measurement_attribute("Depth of field", 1.5, "µm"),
        ),
    ):
        documents = with_attribute(documents, file, tag, attribute)
    documents = in_file(
        documents,
        "METADATA/staining.xml",
        lambda each: each.text == "immunostaining",
        lambda each: replace(each, text="immunogenic"),
    )
    return in_file(
        documents,
        "METADATA/dataset.xml",
        lambda each: each.tag in ("IMAGE_REF", "OBSERVATION_REF"),
        lambda _: None,
    )


def written(documents) -> dict[str, bytes]:
    return {name: write_document(each) for name, each in documents.items()}


def rules(documents: dict[str, bytes]) -> set[str]:
    return {each.rule for each in check(read_submission(documents), FILES)}


def test_it_is_whole_again_and_stays_so():
    before = written(damaged())
    broken = {"12.2.3", "9.1.4", "17.1.3", "BP-scheme", "BP-tag", "constraint 5"}
    assert rules(before) == broken  # beside a misspelled tag the unit is not looked at
    changed = mended(before)
    after = before | written(changed)
    assert rules(after) == set()
    assert mended(after) == {}


def test_what_is_sound_is_not_written():
    assert mended(written(everything(is_clinical=False))) == {}


def test_comments_and_foreign_tags_stay():
    documents = damaged()
    sample = documents["METADATA/sample.xml"]
    noted = replace(
        sample, root=replace(sample.root, children=(Comment(" seen "), *sample.root.children))
    )
    extra = build.string_attribute("our_own_score", "sct")
    noted = in_file(
        {"METADATA/sample.xml": noted},
        "METADATA/sample.xml",
        lambda each: each.tag == "ATTRIBUTES" and bool(each.children),
        lambda each: replace(each, children=(*each.children, extra)),
    )["METADATA/sample.xml"]
    done = mended(written(documents | {"METADATA/sample.xml": noted}))["METADATA/sample.xml"]
    text = write_document(done).decode()
    assert "<!-- seen -->" in text
    assert "<TAG>our_own_score</TAG>" in text
    assert "<VALUE>sct</VALUE>" in text  # a value is no scheme
    assert "<SCHEME>sct</SCHEME>" not in text


def test_a_document_that_cannot_be_read_is_left_and_so_are_the_lists():
    before = written(damaged())
    before["METADATA/image.xml"] = b"<IMAGE_SET>"
    changed = mended(before)
    assert "METADATA/image.xml" not in changed
    assert "METADATA/dataset.xml" not in changed  # what it should list is not known


def test_a_wrong_word_is_not_guessed():
    femal = build.string_attribute("sex", "Femal")
    documents = with_attribute(everything(is_clinical=True), "METADATA/sample.xml", "sex", femal)
    assert mended(written(documents)) == {}
