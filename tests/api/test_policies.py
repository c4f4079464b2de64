"""Policies over HTTP: told to everyone, matched for everyone, and nobody named in them is told."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bigpicture.model.data_use import DataUseTerm
from bigpicture.storage.records import tables as t
from data_uses import LUNG_CANCER, policy
from published import CONTROLLED, OPEN, UNKNOWN, add_person, grant, image_name, named_series

IMAGE, SERIES = image_name(CONTROLLED, 0), named_series(CONTROLLED, 0)

FITS = {
    "uses": ["health"],
    "is_commercial": False,
    "country": "DE",
    "organisation_type": "not-for-profit",
    "organisation": "Institute of Examples",
    "months": 12,
    "has_approval": True,
    "recipients": [],
    "sensitive": [],
    "prohibited": [],
}


@pytest.fixture
def say(stores, frames, client):
    """Give the controlled dataset another policy, before anything was read of it."""

    def said(*terms, **fields):
        given = policy(*terms, **fields)
        with stores.records.write() as connection:
            connection.execute(
                update(t.datasets)
                .where(t.datasets.c.accession == CONTROLLED)
                .values(policy={"title": "Terms", "use": given.as_json()})
            )
        return given

    return said


def told(client, dataset=CONTROLLED):
    answer = client.get(f"/api/v1/datasets/{dataset}/policy")
    assert answer.status_code == 200, answer.text
    return answer.json()


def matched(client, given, *, token=None):
    return client.ask(
        "POST", f"/api/v1/datasets/{CONTROLLED}/policy/match", token=token, json=given
    )


def test_a_policy_is_told_as_data_and_in_words(say, client):
    given = say(
        "HMB", DataUseTerm.of("GS", "EU"), version="2026-01-01", retention_until="2040-01-01"
    )
    found = told(client)
    assert found["hash"] == given.hash
    assert (found["dataset"], found["version"], found["tier"]) == (
        CONTROLLED,
        "2026-01-01",
        "controlled",
    )
    assert [(each["shorthand"], each["values"]) for each in found["terms"]] == [
        ("HMB", []),
        ("GS", ["EU"]),
    ]
    plain = {each["clause"]: each for each in found["plain"]}
    assert "may not study ancestry" in plain["DUO:0000006"]["applicant"]
    assert "Your data" in plain["DUO:0000006"]["contributor"]
    assert found["legal_basis"] is None


def test_an_older_row_tells_what_it_says_and_no_more(frames, client):
    found = told(client, OPEN)
    assert found["allowed_uses"] == ["Research Use"]
    assert (found["geography"], found["terms"]) == (None, [])


def test_a_purpose_that_fits_is_allowed_with_its_duties(say, client):
    given = say("HMB", "PUB", DataUseTerm.of("TS", "24"))
    found = matched(client, FITS).json()
    assert (found["answer"], found["policy"]) == ("allow", given.hash)
    assert {each["clause"] for each in found["reasons"]} >= {
        "DUO:0000006",
        "DUO:0000019",
        "geography",
    }
    assert {each["kind"] for each in found["duties"]} == {"publication", "end-of-use"}
    assert found["ends"] == found["duties"][0]["day"]


def test_what_does_not_fit_is_denied_by_its_clause(say, client):
    say("HMB", "NCU")
    found = matched(client, {**FITS, "is_commercial": True, "uses": ["ancestry"]}).json()
    assert found["answer"] == "deny"
    denied = {each["clause"] for each in found["reasons"] if each["answer"] == "deny"}
    assert denied == {"DUO:0000006", "DUO:0000046"}


def test_what_is_not_said_is_for_people(say, client):
    say("NRES")
    found = matched(client, {}).json()
    assert found["answer"] == "needs-human"
    unsaid = {each["clause"] for each in found["reasons"] if each["answer"] == "needs-human"}
    assert {"uses", "sensitive", "prohibited", "recipients"} <= unsaid


def test_without_a_terminology_a_disease_under_another_is_for_people(say, client):
    say(DataUseTerm.of("DS", LUNG_CANCER))
    same = {**FITS, "uses": ["disease"], "diseases": [LUNG_CANCER.replace(":", "_")]}
    assert matched(client, same).json()["answer"] == "allow"
    other = {**same, "diseases": ["MONDO:0008433"]}
    assert matched(client, other).json()["answer"] == "needs-human"
    assert matched(client, {**FITS, "uses": ["methods"]}).json()["answer"] == "deny"


def test_whom_a_policy_names_is_told_to_nobody_and_asked_of_the_session(say, client, stores):
    _, named = add_person(stores, "ada", "researcher")
    _, other = add_person(stores, "ben", "researcher")
    say("HMB", DataUseTerm.of("US", "ada", "cleo"))
    found = told(client)
    assert "cleo" not in str(found)
    [term] = [each for each in found["terms"] if each["shorthand"] == "US"]
    assert (term["values"], term["people"]) == ([], 2)
    answers = [matched(client, FITS, token=token).json() for token in (named, other, None)]
    assert [each["answer"] for each in answers] == ["allow", "deny", "needs-human"]
    assert "cleo" not in str(answers)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/api/v1/datasets/{CONTROLLED}/images", 200),  # what the records say, under a grant
        (f"/tiles/{IMAGE}/0/0_0", 403),
        (f"/regions/{IMAGE}?region=0,0,9,9", 403),
        (f"/iiif/3/{IMAGE}/0,0,9,9/max/0/default.jpg", 403),
        (f"/deepzoom/{IMAGE}_files/0/0_0.jpeg", 403),
        (f"/api/v1/images/{IMAGE}/thumbnail", 403),
        (f"/api/v1/datasets/{CONTROLLED}/files", 403),
        (f"/files/{CONTROLLED}/document-dataset", 403),
        (f"/dicomweb/studies/{SERIES['StudyInstanceUID']}/metadata", 403),
        (f"/dicomweb/studies/{SERIES['StudyInstanceUID']}", 403),
    ],
)
def test_of_compute_only_data_a_grant_shows_no_pixel_and_hands_out_no_file(
    client, stores, frames, path, status
):
    person, token = add_person(stores, "ada", "researcher")
    grant(stores, person)
    with stores.records.write() as connection:
        connection.execute(
            update(t.datasets)
            .where(t.datasets.c.accession == CONTROLLED)
            .values(tier="compute-only")
        )
    answer = client.get(path, token=token)
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["reason"] == "compute-only"


@pytest.mark.parametrize(
    "wrong",
    [
        {"uses": ["everything"]},
        {"users": ["ada"]},  # nobody asks for others
        {"country": "Germany"},
        {"months": 0},
        {"months": 10**30},
        {"diseases": ["x"] * 101},
        {"diseases": ["x" * 201]},
        {"sensitive": ["none"]},
        {"recipients": [{"name": "x"}]},
        {"is_commercial": "perhaps"},
        [],
        "x",
    ],
)
def test_a_purpose_that_is_none_is_refused(say, client, wrong):
    answer = matched(client, wrong)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_codes_of_a_purpose(client, frames):
    found = client.get("/api/v1/purposes").json()
    assert {
        "code": "methods",
        "label": "Methods, software or AI",
        "about": "Developing or testing methods, models, tools.",
        "duo": "DUO:0000031",
    } in found["uses"]
    assert len(found["sensitive"]) == 11
    assert "re-identification" in {each["code"] for each in found["prohibited"]}
    for use in found["uses"]:
        answer = matched(client, {"uses": [use["code"]]})
        assert answer.status_code == 200


def test_of_what_is_not_there_nothing_is_told(client, frames):
    assert client.get(f"/api/v1/datasets/{UNKNOWN}/policy").status_code == 404


def test_the_policy_as_data_leaves_the_landing_page_as_it_was(say, client):
    say("HMB", DataUseTerm.of("US", "cleo"))
    page = client.get(f"/api/v1/datasets/{CONTROLLED}").json()
    assert "cleo" not in str(page)
