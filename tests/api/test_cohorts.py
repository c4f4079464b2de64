"""Cohorts over HTTP: whose they are, what of them shows to whom, and what leaves as a file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update

from bigpicture.access.grant import revoke_grant
from bigpicture.storage.records import tables as t
from published import CONTROLLED, OPEN, add_person, grant, image_name

HERE = "/api/v1/cohorts"
OPENED = [image_name(OPEN, number) for number in range(3)]
CLOSED = [image_name(CONTROLLED, number) for number in range(2)]
DIGEST = hashlib.sha256("".join(f"{each}\n" for each in sorted(OPENED)).encode()).hexdigest()


@pytest.fixture
def ada(stores, frames):
    """Has a grant to the controlled dataset."""
    person, token = add_person(stores, "ada", "researcher", organisation="Invented institute")
    recorded = grant(stores, person)
    return token, recorded


@pytest.fixture
def berta(stores, frames):
    return add_person(stores, "berta", "researcher")[1]


def save(client, token, name="Livers and lungs", **more):
    answer = client.post(HERE, {"name": name, **more}, token=token)
    assert answer.status_code == 201, answer.text
    return answer.json()


def freeze(client, token, cohort):
    answer = client.ask("POST", f"{HERE}/{cohort}/versions", token=token)
    assert answer.status_code == 201, answer.text
    return answer.json()


def revoke(node, recorded):
    with node.records.write() as connection:
        revoke_grant(connection, recorded.id, reason="over", by="node")
    node.epochs.outdate()  # as after FRESH_SECONDS


def test_a_saved_question_is_shown_with_what_answers_it(client, ada, berta):
    saved = save(client, ada[0], where="organ:liver OR organ:lung", notes="For the paper")
    shown = client.get(f"{HERE}/{saved['id']}", token=ada[0])
    told = shown.json()
    assert shown.headers["etag"] == f'"{told["etag"]}"'
    assert (told["question"], told["notes"]) == ("organ:liver OR organ:lung", "For the paper")
    assert (told["owner"], told["is_mine"], told["sharing"]) == ("Ada", True, "private")
    assert (told["now"]["images"], told["now"]["beings"]) == (5, 2)
    same = save(client, ada[0], question=told["question_json"])
    assert same["question"] == told["question"]
    listed = client.get(HERE, token=ada[0]).json()["items"]
    assert [each["id"] for each in listed] == [same["id"], saved["id"]]
    assert client.get(HERE, token=berta).json()["items"] == []
    assert client.get(f"{HERE}/{saved['id']}", token=berta).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"name": ""}, 422),
        ({"name": "x", "where": "colour:red"}, 422),
        ({"name": "x", "where": "", "question": {}}, 422),
        ({"name": "x", "question": {"field": "organ"}}, 201),
        ({"name": "x", "question": {"no": 1}}, 422),
        ({"name": "x", "sharing": "world"}, 422),
        ({"name": "x", "notes": "n" * 20_001}, 422),
        ({"where": "organ:liver"}, 422),
    ],
)
def test_what_is_no_cohort_is_refused(client, ada, wanted, status):
    wanted = {**wanted}
    if status == 201:
        wanted["question"] = {"field": "organ", "in": ["liver"]}
    answer = client.post(HERE, wanted, token=ada[0])
    assert answer.status_code == status, answer.text


def test_two_who_change_at_once_never_overwrite_each_other(client, ada):
    saved = save(client, ada[0])
    path = f"{HERE}/{saved['id']}"

    def change(etag, **wanted):
        headers = {"If-Match": etag} if etag else {}
        return client.ask("PATCH", path, token=ada[0], json=wanted, headers=headers)

    first = client.get(path, token=ada[0]).headers["etag"]
    assert change("", notes="x").status_code == 428
    done = change(first, notes="one", sharing="node")
    assert done.status_code == 200
    late = change(first, notes="two")
    assert late.status_code == 412
    assert "as it is now" in late.json()["remedy"]
    again = change(done.headers["etag"], name="New name", where="organ:lung")
    told = client.get(path, token=ada[0]).json()
    assert again.json() == told
    assert (told["name"], told["notes"], told["question"]) == ("New name", "one", "organ:lung")


def test_sharing_shows_the_question_and_not_what_is_closed(client, ada, berta):
    saved = save(client, ada[0], where="organ:liver,lung", notes="Seen by all", sharing="link")
    path = f"{HERE}/{saved['id']}"
    freeze(client, ada[0], saved["id"])
    assert client.get(path).status_code == 401
    told = client.get(path, token=berta).json()
    assert (told["notes"], told["is_mine"], told["now"]["images"]) == ("Seen by all", False, 3)
    [version] = client.get(f"{path}/versions", token=berta).json()["items"]
    # two images of one being: only that there are few is told
    assert (version["images"], version["open_images"], version["hidden_images"]) == (
        "over 3",
        3,
        "few",
    )
    assert version["hidden"] == [
        {
            "dataset": CONTROLLED,
            "title": "The controlled set of livers and lungs",
            "images": "of <5 beings",
            "beings": "<5",
            "is_withdrawn": False,
        }
    ]
    for door in ("versions", "versions/1", "compare?earlier=1", "request", "versions/1/split"):
        answer = client.get(f"{path}/{door}", token=berta)
        assert answer.status_code == 200, door
        assert not [name for name in CLOSED if name in answer.text], door
    for form in ("csv", "json", "list", "croissant", "parquet", "ro-crate"):
        answer = client.get(f"{path}/versions/1/export?form={form}", token=berta)
        assert answer.status_code == 200, form
        assert not [name for name in CLOSED if name.encode() in answer.content], form
        assert "-incomplete" in answer.headers["content-disposition"]
    for method, door, body in (
        ("PATCH", "", {"notes": "mine now"}),
        ("DELETE", "", None),
        ("POST", "/versions", None),
        ("POST", "/versions/1/accession", None),
    ):
        answer = client.ask(
            method, path + door, token=berta, json=body, headers={"If-Match": told["etag"]}
        )
        assert answer.status_code == 403, door
    assert client.get(f"{HERE}?whose=shared", token=berta).json()["items"] == []


def test_what_is_shared_with_the_node_is_listed(client, ada, berta):
    saved = save(client, ada[0], sharing="node")
    [listed] = client.get(f"{HERE}?whose=shared", token=berta).json()["items"]
    assert (listed["id"], listed["owner"], listed["versions"]) == (saved["id"], "Ada", 0)
    assert client.get(f"{HERE}?whose=shared", token=ada[0]).json()["items"] == []


def test_freezing_tells_the_digest_that_anybody_can_compute(client, ada, berta):
    saved = save(client, berta, where="organ:liver")
    version = freeze(client, berta, saved["id"])
    assert (version["number"], version["digest"], version["images"]) == (1, DIGEST, "3")
    again = client.ask("POST", f"{HERE}/{saved['id']}/versions", token=berta)
    assert (again.status_code, again.json()["number"]) == (200, 1)
    manifest = client.get(f"{HERE}/{saved['id']}/versions/1/export?form=list", token=berta)
    lines = [line for line in manifest.text.splitlines() if not line.startswith("#")]
    assert hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest() == DIGEST


def test_nothing_is_not_frozen(client, berta):
    saved = save(client, berta, where="organ:lung")
    answer = client.ask("POST", f"{HERE}/{saved['id']}/versions", token=berta)
    assert answer.status_code == 409
    assert "nothing to freeze" in answer.json()["detail"]


def test_comparing_says_why(client, node, ada):
    token, recorded = ada
    saved = save(client, token, where="organ:liver,lung")
    path = f"{HERE}/{saved['id']}"
    freeze(client, token, saved["id"])
    still = client.get(f"{path}/compare?earlier=1", token=token).json()
    assert (still["kept"], still["entered"], still["left"]) == (5, [], [])
    revoke(node, recorded)
    over = client.get(f"{path}/compare?earlier=1", token=token).json()
    assert over["kept"] == 3
    [left] = over["left"]
    assert (left["why"], left["dataset"], left["count"], left["images"]) == (
        "grant",
        CONTROLLED,
        "few",
        [],
    )
    client.ask(
        "PATCH",
        path,
        token=token,
        json={"where": "confirmed:adenoma"},
        headers={"If-Match": saved["etag"]},
    )
    freeze(client, token, saved["id"])
    both = client.get(f"{path}/compare?earlier=1&later=2", token=token).json()
    assert [(each["why"], each["images"]) for each in both["left"]] == [
        ("grant", []),
        ("question", OPENED[1:]),
    ]
    assert both["kept"] == 1
    assert client.get(f"{path}/compare?earlier=2&later=1", token=token).status_code == 422
    assert client.get(f"{path}/compare?earlier=1&later=9", token=token).status_code == 404


def test_an_erased_image_has_left(client, stores, ada):
    token, _ = ada
    saved = save(client, token)
    freeze(client, token, saved["id"])
    erase(stores, OPENED[0], OPEN)
    told = client.get(f"{HERE}/{saved['id']}/compare?earlier=1", token=token).json()
    assert [(each["why"], each["images"]) for each in told["left"]] == [("erased", OPENED[:1])]
    exported = client.get(f"{HERE}/{saved['id']}/versions/1/export?form=json", token=token)
    assert OPENED[0] not in exported.text
    about = exported.json()["cohort"]
    assert not about["is_whole"]
    assert "1 image was erased since" in about["missing"]


def erase(stores, image, dataset):
    """As the destruction of its subject's key leaves it; the dataset is read anew."""
    with stores.records.write() as connection:
        level = t.levels.select().where(t.levels.c.image == image)
        key = connection.execute(level).first().object
        connection.execute(update(t.objects).where(t.objects.c.key == key).values(header=None))
        connection.execute(
            update(t.datasets).where(t.datasets.c.accession == dataset).values(seq=99)
        )


def test_a_withdrawn_dataset_takes_its_images_along(client, stores, ada):
    token, _ = ada
    saved = save(client, token)
    freeze(client, token, saved["id"])
    with stores.records.write() as connection:
        withdraw(connection, CONTROLLED)
    told = client.get(f"{HERE}/{saved['id']}/compare?earlier=1", token=token).json()
    assert [(each["why"], each["images"]) for each in told["left"]] == [("withdrawn", [])]
    [version] = client.get(f"{HERE}/{saved['id']}/versions", token=token).json()["items"]
    assert [(each["dataset"], each["is_withdrawn"]) for each in version["hidden"]] == [
        (CONTROLLED, True)
    ]


def withdraw(connection, dataset):
    """Every row of a dataset, from the leaves up."""
    for table in reversed(t.METADATA.sorted_tables):
        if table.name == "levels":
            mine = t.images.c.dataset == dataset
            images = t.images.select().where(mine).with_only_columns(t.images.c.accession)
            connection.execute(delete(table).where(table.c.image.in_(images)))
        elif table.name == "block_specimens":
            mine = t.blocks.c.dataset == dataset
            blocks = t.blocks.select().where(mine).with_only_columns(t.blocks.c.accession)
            connection.execute(delete(table).where(table.c.block.in_(blocks)))
        elif "dataset" in table.c and table.name != "changes":
            connection.execute(delete(table).where(table.c.dataset == dataset))
    connection.execute(delete(t.datasets).where(t.datasets.c.accession == dataset))


def test_one_text_asks_for_all_that_is_closed(client, ada, berta):
    saved = save(client, ada[0], where="organ:liver,lung", notes="secret plans", sharing="link")
    told = client.get(f"{HERE}/{saved['id']}/request", token=berta).json()
    assert [part["dataset"] for part in told["open"]] == [OPEN]
    [needed] = told["needed"]
    assert (needed["dataset"], needed["beings"], needed["apply"]) == (
        CONTROLLED,
        "<5",
        "mailto:access@example.org",
    )
    assert CONTROLLED in told["text"]
    assert "access@example.org" in told["text"]
    assert "organ:Liver,Lung" in told["text"] or "organ:liver,lung" in told["text"]
    assert "secret plans" not in told["text"]
    assert client.get(f"{HERE}/{saved['id']}/request", token=ada[0]).json()["text"] == ""


def test_a_split_is_told_and_exported_alike(client, ada):
    token, _ = ada
    saved = save(client, token)
    freeze(client, token, saved["id"])
    path = f"{HERE}/{saved['id']}/versions/1"
    asked = "parts=train:0.6,test:0.4&apart=being&by=stain&seed=7"
    told = client.get(f"{path}/split?{asked}", token=token).json()
    # one being in either dataset: 3 and 2 images that stay together
    assert {each["name"]: each["images"] for each in told["parts"]} == {"train": 3, "test": 2}
    assert [each["groups"] for each in told["parts"]] == [1, 1]
    assert {each["label"]: sum(each["counts"].values()) for each in told["strata"]} == {
        "H&E": 3,
        "Ki-67": 2,
    }
    answer = client.get(f"{path}/export?form=csv&{asked}", token=token)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    sides = {row["accession"]: row["split"] for row in rows}
    assert set(map(sides.get, OPENED)) == {"train"}
    assert set(map(sides.get, CLOSED)) == {"test"}
    lines = "".join(f"{name}\t{side}\n" for name, side in sorted(sides.items()))
    assert told["digest"] == hashlib.sha256(lines.encode()).hexdigest()
    part = client.get(f"{path}/export?form=list&part=test&{asked}", token=token)
    kept = [line for line in part.text.splitlines() if not line.startswith("#")]
    assert kept == CLOSED
    assert 'filename="livers-and-lungs-v1-test.txt"' in part.headers["content-disposition"]


@pytest.mark.parametrize(
    "wrong",
    ["parts=train:1", "parts=a:1,b:1&by=mpp", "parts=a:1,b:1&by=nothing", "parts=a:1,b:1&apart=x"],
)
def test_a_wrong_split_is_refused(client, ada, wrong):
    saved = save(client, ada[0])
    freeze(client, ada[0], saved["id"])
    answer = client.get(f"{HERE}/{saved['id']}/versions/1/split?{wrong}", token=ada[0])
    assert answer.status_code == 422


def test_a_part_that_is_none_is_refused(client, ada):
    saved = save(client, ada[0])
    freeze(client, ada[0], saved["id"])
    path = f"{HERE}/{saved['id']}/versions/1/export"
    assert client.get(f"{path}?parts=a:1,b:1&part=c", token=ada[0]).status_code == 422


def test_an_accession_names_the_list_for_everyone(client, ada, berta):
    token, _ = ada
    saved = save(client, token, "Organs of two", where="organ:liver,lung", notes="private notes")
    freeze(client, token, saved["id"])
    path = f"{HERE}/{saved['id']}/versions/1"
    minted = client.ask("POST", f"{path}/accession", token=token).json()["accession"]
    assert client.ask("POST", f"{path}/accession", token=token).json()["accession"] == minted
    version = client.get(path, token=token).json()
    assert version["accession"] == minted
    assert minted in version["cite"]
    for asking in (None, berta):
        told = client.get(f"{HERE}/by-accession/{minted.upper()}", token=asking)
        assert told.status_code == 200
        assert (told.json()["title"], told.json()["open_images"]) == ("Organs of two", 3)
        assert (told.json()["images"], told.json()["hidden"][0]["beings"]) == ("over 3", "<5")
        assert not [name for name in CLOSED if name in told.text]
        assert "private notes" not in told.text
        listed = client.get(f"{HERE}/by-accession/{minted}/export", token=asking)
        kept = [line for line in listed.text.splitlines() if not line.startswith("#")]
        assert kept == OPENED
    assert client.ask("DELETE", f"{HERE}/{saved['id']}", token=token).status_code == 204
    assert client.get(f"{HERE}/{saved['id']}", token=token).status_code == 404
    assert client.get(f"{HERE}/by-accession/{minted}", token=token).json()["images"] == "5"
    assert client.get(f"{HERE}/by-accession/nonsense").status_code == 422


def test_when_every_grant_is_over_nothing_is_exported(client, node, ada):
    token, recorded = ada
    saved = save(client, token, where="organ:lung")
    freeze(client, token, saved["id"])
    revoke(node, recorded)
    for door in ("split", "export"):
        answer = client.get(f"{HERE}/{saved['id']}/versions/1/{door}", token=token)
        assert answer.status_code == 409
        assert not [name for name in CLOSED if name in answer.text]


def test_names_that_are_hard_on_headers_are_told_whole(client, berta):
    saved = save(client, berta, 'Größe "µ" / a\\b')
    freeze(client, berta, saved["id"])
    answer = client.get(f"{HERE}/{saved['id']}/versions/1/export?form=json", token=berta)
    told = answer.headers["content-disposition"]
    assert told.startswith("attachment; filename=\"gr-e-a-b-v1.json\"; filename*=UTF-8''Gr%C3%B6")
    assert json.loads(answer.text)["cohort"]["name"] == 'Größe "µ" / a\\b'


def test_a_grant_that_comes_later_shows_as_one(client, stores, node):
    person, token = add_person(stores, "carla", "researcher")
    saved = save(client, token)
    freeze(client, token, saved["id"])
    now = datetime.now(UTC)
    grant(stores, person, start=now - timedelta(seconds=1), end=now + timedelta(hours=1))
    node.epochs.outdate()
    told = client.get(f"{HERE}/{saved['id']}/compare?earlier=1", token=token).json()
    assert [(each["why"], each["images"]) for each in told["entered"]] == [("granted", CLOSED)]
