"""Companion variables at the doors: on the landing page, as facets and filters, as labels."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from bigpicture.storage.records import tables as t
from published import CONTROLLED, OPEN, image_name

GRADE = {"code": "371469007", "scheme": "SNOMED CT", "meaning": "Histologic grade", "scheme_version": ""}  # fmt: skip  # noqa: E501


def variable(dataset, ordinal, name, kind, **more):
    return {
        "dataset": dataset,
        "name": name,
        "companion": "pathology",
        "ordinal": ordinal,
        "entity": "block",
        "label": name.capitalize(),
        "description": "",
        "type": kind,
        "unit": "",
        "code": None,
        "categories": [],
        "missing": [{"value": "NA", "meaning": "not done", "label": "not done"}],
        "established": "IHC",
    } | more


@pytest.fixture
def told(stores, frames):
    """Block 0 (images 0 and 1) is graded 2, Ki-67 30; block 1 (image 2) 3, Ki-67 not done."""
    grades = [{"value": each, "label": f"Grade {each}", "code": None} for each in "123"]
    for dataset in (OPEN, CONTROLLED):
        short = dataset.split("-")[2]
        with stores.records.write() as connection:
            connection.execute(
                insert(t.companion_variables),
                [
                    variable(dataset, 0, "grade", "category", categories=grades, code=GRADE),
                    variable(dataset, 1, "ki67", "number", unit="%"),
                    variable(dataset, 2, "remark", "string"),
                ],
            )
            connection.execute(
                insert(t.companion_rows),
                [
                    {
                        "dataset": dataset,
                        "companion": "pathology",
                        "entity": f"bb-sample-{short}-block{number}",
                        "held": held,
                    }
                    for number, held in enumerate(
                        [
                            {"grade": "2", "ki67": 30, "remark": "fine"},
                            {"grade": "3", "ki67": "NA", "remark": "pale"},
                        ]
                    )
                ],
            )


def images(client, *companion):
    answer = client.get(f"/api/v1/datasets/{OPEN}/images", params={"companion": [*companion]})
    assert answer.status_code == 200, answer.text
    return answer.json()


def counted(page):
    return {
        each["name"]: {one["value"]: one["count"] for one in each["values"]}
        for each in page["companion"]
    }


def test_images_are_counted_by_what_they_inherit(client, told):
    page = images(client)
    assert counted(page) == {"grade": {"2": 2, "3": 1}, "ki67": {"30": 2}}
    assert page["companion"][0]["values"][0]["label"] == "Grade 2"
    assert page["companion"][1]["unit"] == "%"


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        (["grade:3"], 1),
        (["grade:Grade 2"], 2),
        (["grade:2", "grade:3"], 3),
        (["ki67:30..40"], 2),
        (["ki67:20..30"], 0),
        (["ki67:..31", "grade:3"], 0),
    ],
)
def test_filters_add_within_a_variable_and_narrow_across(client, told, asked, total):
    page = images(client, *asked)
    assert page["total"] == total
    if asked == ["grade:3"]:
        assert counted(page)["grade"] == {"2": 2, "3": 1}  # counts without its own filter


@pytest.mark.parametrize("asked", ["grade", "grade:", "nonsense:1", "remark:fine"])
def test_what_is_no_filter_is_told(client, told, asked):
    answer = client.get(f"/api/v1/datasets/{OPEN}/images", params={"companion": asked})
    assert answer.status_code == 422
    assert answer.json()["place"] == "companion"


def test_an_image_has_labels_with_how_they_were_established(client, told):
    labels = client.get(f"/api/v1/images/{image_name(OPEN, 2)}").json()["labels"]
    grade, ki67, remark = labels
    assert (grade["value"], grade["meaning"], grade["established"]) == ("3", "Grade 3", "IHC")
    assert grade["code"] == {"code": "371469007", "scheme": "SNOMED CT", "meaning": "Histologic grade"}  # fmt: skip  # noqa: E501
    assert grade["on"].startswith("block ")
    assert (ki67["value"], ki67["missing"]) == (None, "not done")
    assert remark["value"] == "pale"


def test_the_landing_page_tells_the_variables_and_no_value_of_anybody(client, told):
    answer = client.get(f"/api/v1/datasets/{CONTROLLED}")
    told = answer.json()["variables"]
    assert [each["name"] for each in told] == ["grade", "ki67", "remark"]
    assert told[0]["categories"] == ["Grade 1", "Grade 2", "Grade 3"]
    assert "pale" not in answer.text
    assert client.get(f"/api/v1/datasets/{CONTROLLED}/images").status_code in (401, 403)
    assert "pale" not in client.get("/api/v1/datasets").text


def test_datasets_are_found_by_their_variables(client, told):
    page = client.get("/api/v1/datasets").json()
    facet = {each["label"]: each["count"] for each in page["facets"]["companion"]}
    assert facet == {"Histologic grade": 2, "Ki67": 2, "Remark": 2}
    asked = {"companion": "SNOMED CT:371469007"}
    assert client.get("/api/v1/datasets", params=asked).json()["total"] == 2
    assert client.get("/api/v1/datasets", params={"companion": "Ki68"}).json()["total"] == 0


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("companion.grade:2", [0, 1]),
        ("companion.grade:2,3", [0, 1, 2]),
        ("NOT companion.grade:2", [2]),
        ("companion.ki67:20..40", [0, 1]),
        ("companion.ki67<30", []),
        ("companion.ki67<=30", [0, 1]),
        ("companion.ki67:20..40 companion.ki67:..25", []),
        ("companion.grade:3 OR companion.ki67>30", [2]),
    ],
)
def test_a_question_asks_for_variables(client, told, where, found):
    answer = client.get("/api/v1/images", params={"where": where})
    assert answer.status_code == 200, answer.text
    named = [each["accession"] for each in answer.json()["items"]]
    assert named == [image_name(OPEN, number) for number in found]


def test_a_variable_counts_without_its_own_condition(client, told):
    answer = client.get("/api/v1/images", params={"where": "companion.grade:2"}).json()
    [grade] = [each for each in answer["companion"] if each["name"] == "grade"]
    assert {each["value"]: each["count"] for each in grade["values"]} == {"2": 2, "3": 1}
