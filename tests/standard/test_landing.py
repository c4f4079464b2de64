"""A landing page that says something else than its dataset is named, with what it should say."""

from __future__ import annotations

import pytest

from bigpicture.metaflex import build
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.write import write_document
from bigpicture.standard.check import check
from editing import with_attribute
from invented_everything import everything
from invented_submission import FILES

PAGE = "LANDING_PAGE/landing_page.xml"


def page_saying(tag: str, attribute):
    return with_attribute(everything(is_clinical=True), PAGE, tag, attribute)


@pytest.mark.parametrize(
    ("rule", "tag", "attribute", "expected"),
    [
        ("17.1.3", "header", build.string_attribute("header", "Lungs"), "Invented livers"),
        ("17.1.5", "dataset_name", build.string_attribute("dataset_name", "L"), "Invented livers"),
        (
            "17.1.27",
            "dataset_version",
            build.string_attribute("dataset_version", "2.0.0"),
            "1.0.0",
        ),
        ("17.1.21", "number_of_wsis", build.numeric_attribute("number_of_wsis", 40), "1"),
        (
            "17.1.23",
            "number_of_annotations",
            build.numeric_attribute("number_of_annotations", 0),
            "1",
        ),
        ("17.5.7", "policy_text", build.string_attribute("policy_text", "Take all."), "Be kind."),
        (
            "17.5.1",
            "allowed_uses",
            build.set_attribute(
                "allowed_uses", [build.string_attribute("allowed_use", "Direct Exploitation")]
            ),
            "Research Use",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) and each.startswith("17") else "",
)
def test_what_the_dataset_says_otherwise(rule, tag, attribute, expected):
    documents = page_saying(tag, attribute)
    written = {name: write_document(each) for name, each in documents.items()}
    [finding] = [each for each in check(read_submission(written), FILES) if each.rule == rule]
    assert expected in finding.expected
    assert finding.place.file == PAGE
    assert f"<TAG>{tag}</TAG>" in "\n".join(
        written[PAGE].decode().splitlines()[finding.place.line - 1 : finding.place.line + 1]
    )


def test_more_than_ten_keywords():
    many = build.set_attribute(
        "keywords", [build.string_attribute("keyword", f"word {number}") for number in range(11)]
    )
    findings = check(read_submission(page_saying("keywords", many)), FILES)
    assert [(each.rule, each.expected) for each in findings] == [("17.1.8", "at most 10")]
