"""Questions over all datasets: nothing that one may not open shows in any part of an answer."""

from __future__ import annotations

import pytest

from published import CONTROLLED, OPEN, add_person, grant, image_name

FIND = "/api/v1/images"


def find(client, where, **more):
    token = more.pop("token", None)
    answer = client.get(FIND, params={"where": where, **more}, token=token)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(told):
    return {each["accession"] for each in told["items"]}


@pytest.fixture
def granted(stores, frames):
    person, token = add_person(stores, "ada", "researcher")
    grant(stores, person)
    return token


def test_everything_that_is_open_is_found_without_a_question(client):
    told = find(client, "")
    assert names(told) == {image_name(OPEN, number) for number in range(3)}
    assert (told["total"], told["closed"], told["hints"]) == (3, 1, [])
    counts = {each["label"]: each["count"] for each in told["facets"]["organ"]}
    assert counts == {"Digestive system": 3, "Liver": 3}


def test_a_grant_opens_what_counts(client, granted):
    told = find(client, "organ:lung", token=granted)
    assert names(told) == {image_name(CONTROLLED, number) for number in range(2)}
    assert (told["closed"], told["closed_datasets"]) == (0, [])
    # its own facet counts without its own filter
    organs = {each["label"]: each["count"] for each in told["facets"]["organ"]}
    assert organs == {
        "Digestive system": 3,
        "Liver": 3,
        "Respiratory system": 2,
        "Lung": 2,
    }


@pytest.mark.parametrize(
    "where", ["organ:lung", "controlled", f"dataset:{CONTROLLED}", "NOT organ:liver"]
)
def test_without_one_nothing_of_it_shows(client, where):
    told = find(client, where)
    assert (told["total"], told["items"], told["next"]) == (0, [], None)
    text = str({name: told[name] for name in ("facets", "companion", "hints")})
    assert "Lung" not in text
    assert CONTROLLED not in text


def test_a_guess_is_answered_with_what_may_be_known(client):
    assert find(client, "organ:livr")["hints"] == ["No image has organ 'livr'. Perhaps Liver?"]
    assert find(client, "organ:lun")["hints"] == ["No image has organ 'lun'."]


def test_conditions_of_every_kind(client):
    adenoma, fibrosis = find(client, "confirmed:adenoma"), find(client, "confirmed:fibrosis")
    assert names(adenoma) == {image_name(OPEN, 0)}
    assert fibrosis["total"] == 0
    assert find(client, "diagnosis:fibrosis")["total"] == 3
    assert names(find(client, "stain:H&E")) == {image_name(OPEN, 0), image_name(OPEN, 2)}
    assert names(find(client, "NOT stain:H&E")) == {image_name(OPEN, 1)}
    assert find(client, 'organ:"SNOMED CT:10200004"')["total"] == 3
    assert find(client, "type:clinical tier:open")["total"] == 3
    assert find(client, "type:non-clinical")["total"] == 0
    assert find(client, "width>=1 height>=1 mpp>0")["total"] == 3
    assert find(client, "collection OR set")["total"] == 3  # the title of the dataset


def test_pages_follow_one_another(client, granted):
    first = find(client, "", token=granted, limit=4)
    second = find(client, "", token=granted, limit=4, after=first["next"])
    assert len(names(first) | names(second)) == 5
    assert second["next"] is None


def test_text_and_json_say_the_same(client):
    told = find(client, 'organ:liver AND (stain:"H&E" OR mpp<0.1)')
    assert told["question"] == "organ:liver AND (stain:H&E OR mpp:..0.1)"
    asked = client.ask("POST", f"{FIND}/find", json={"question": told["question_json"]})
    assert asked.status_code == 200
    assert names(asked.json()) == names(told)


@pytest.mark.parametrize(
    ("where", "place"),
    [("colour:red", "letter 1 of the question"), ("(((", "letter 4 of the question")],
)
def test_a_wrong_question_is_answered_with_its_place(client, where, place):
    answer = client.get(FIND, params={"where": where})
    assert answer.status_code == 422
    assert answer.json()["place"] == place
    assert answer.json()["remedy"]


def test_wrong_json_is_answered_with_its_path(client):
    body = {"question": {"and": [{"field": "organ", "in": []}]}}
    answer = client.ask("POST", f"{FIND}/find", json=body)
    assert answer.status_code == 422
    assert answer.json()["place"] == "and[0].in"


def test_a_variable_that_no_table_has_is_named(client):
    answer = client.get(FIND, params={"where": "companion.grade:2"})
    assert answer.status_code == 422
    assert "grade is no variable" in answer.json()["detail"]


def test_a_mistyped_word_is_taken_for_the_nearest_visible_one(client, granted):
    told = find(client, "livr")
    assert told["total"] == 3
    assert told["understood"] == [{"given": "livr", "taken": ["liver"]}]
    assert find(client, "controlld")["understood"] == []  # the world opens no dataset of that name
    assert find(client, "controlld", token=granted)["understood"][0]["taken"] == ["controlled"]


def test_a_closed_dataset_is_told_with_few_words(client):
    told = find(client, "organ:lung")
    (closed,) = told["closed_datasets"]
    assert closed == {"accession": CONTROLLED, "title": closed["title"], "beings": "<5"}
    assert find(client, "organ:kidney")["closed_datasets"] == []


def test_what_lies_below_a_term_is_found_by_it(client, granted):
    told = find(client, 'organ:"Respiratory system"', token=granted)
    assert names(told) == {image_name(CONTROLLED, number) for number in range(2)}
    parents = {each["label"]: each["parent"] for each in told["facets"]["organ"]}
    top = next(e["value"] for e in told["facets"]["organ"] if e["label"] == "Respiratory system")
    assert (parents["Lung"], parents["Respiratory system"]) == (top, None)


def test_the_values_of_a_facet_are_found_by_their_beginnings(client, granted):
    asked = {"field": "organ", "words": "lu"}
    items = client.get(f"{FIND}/values", params=asked, token=granted).json()["items"]
    assert [(each["label"], each["count"]) for each in items] == [("Lung", 2)]
    assert client.get(f"{FIND}/values", params=asked).json()["items"] == []
    assert client.get(f"{FIND}/values", params={"field": "colour"}).status_code == 422


def test_fields_are_told_for_a_page(client):
    told = client.get("/api/v1/fields").json()
    organ = next(each for each in told if each["name"] == "organ")
    assert (organ["kind"], organ["group"], organ["is_hierarchical"]) == ("term", "Tissue", True)
    asked = ",".join(each["name"] for each in told if each["is_facet"])
    found = client.get(FIND, params={"facets": asked}).json()
    assert found["facets"].keys() == set(asked.split(","))


@pytest.mark.parametrize("given", [{"facets": "colour"}, {"sort": "best"}, {"after": "x~y"}])
def test_what_cannot_be_counted_or_ordered_is_refused(client, given):
    assert client.get(FIND, params=given).status_code == 422


def test_a_mistake_in_a_word_is_mended_unless_one_insists(client):
    told = find(client, "livre")
    assert told["total"] == 3
    assert told["understood"] == [{"given": "livre", "taken": ["liver"]}]
    assert told["question"] == "livre"
    insisted = find(client, "livre", mend="false")
    assert (insisted["total"], insisted["understood"]) == (0, [])
    given = {"question": {"words": ["livre"]}, "mend": False}
    answer = client.post(f"{FIND}/find", json=given, token=None)
    assert (answer.json()["total"], answer.json()["understood"]) == (0, [])


def test_a_dataset_of_few_beings_tells_how_few_only_to_whom_it_is_open(client, granted):
    path = f"/api/v1/datasets/{CONTROLLED}"
    closed = client.get(path).json()["counts"]
    assert (closed["images"], closed["beings"]) == (None, None)
    opened = client.get(path, token=granted).json()["counts"]
    assert opened["images"] == 2
    assert 0 < opened["beings"] < 5
    listed = client.get("/api/v1/datasets").json()["items"]
    assert {each["accession"]: each["counts"]["images"] for each in listed} == {
        OPEN: 3,
        CONTROLLED: None,
    }
