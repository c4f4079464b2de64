"""Applications through the doors: from a form to grants, and what is refused on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
from sqlalchemy import select

from applying import ANSWERS, HERE, KIDNEYS, PDF, make_world, publish_kidneys, set_terms
from bigpicture.access.application_documents import forget_expired
from bigpicture.access.application_due import applications_fall_due
from bigpicture.access.people import find_person
from bigpicture.api.policy_shapes import PurposeGiven
from bigpicture.catalogue.cohort_freeze import find_version, freeze_cohort, read_images
from bigpicture.catalogue.cohorts import find_cohort
from bigpicture.ledger.read import events_after
from bigpicture.model.cohort import digest_of
from bigpicture.model.errors import IntegrityError
from bigpicture.model.purpose_json import purpose_from_json
from bigpicture.storage.records.application_tables import application_documents, application_events
from chosen import Chosen
from published import CONTROLLED, OPEN, image_name

IMAGE = f"/api/v1/images/{image_name(CONTROLLED, 0)}"
DAY = timedelta(days=1)


@pytest.fixture
def world(client, stores):
    publish_kidneys(stores)
    return make_world(client, stores)


def agree(world, named="dua", kind="click", **more):
    wanted = {"id": named, "kind": kind, "title": "Data use agreement", "text": "# Rules", **more}
    answer = world.ask("stu", "POST", "/api/v1/agreements", wanted)
    assert answer.status_code == 201, answer.text
    return answer.json()


def states(shown):
    return {each["accession"]: each["state"] for each in shown["datasets"]}


def grants(shown):
    return {(each["dataset"], each["person"]): each["state"] for each in shown["grants"]}


def fall_due(world, days):
    with world.stores.records.write() as connection:
        applications_fall_due(connection, datetime.now(UTC) + days * DAY)


def test_two_datasets_of_two_committees(world):
    agree(world)
    application = world.submitted()
    desk = world.get("lou", f"{HERE}?view=desk")["items"]
    assert [each["id"] for each in desk] == [application]
    world.do("lou", application, "screen")
    asked = world.do("kim", application, "ask", text="Which kidneys?")
    question = asked["questions"][0]
    told = world.get("ada", f"{HERE}/{application}")
    assert told["questions"][0]["by"] == {"id": "", "display_name": "Kidneys", "organisation": ""}
    assert "answers a question" in told["waiting_for"]
    world.do("ada", application, "answer", question=question["id"], text="All of them.")
    world.vote("lou", application, CONTROLLED)
    assert world.get("ada", f"{HERE}/{application}")["votes"] == []
    world.vote("lea", application, CONTROLLED)
    shown = world.vote("kim", application, KIDNEYS, "refuse")
    assert shown["state"] == "approved"
    assert states(shown) == {CONTROLLED: "approved", KIDNEYS: "refused"}
    ada, bob = world.ids["ada"], world.ids["bob"]
    held = dict.fromkeys([(CONTROLLED, ada), (CONTROLLED, bob)], "pending-terms")
    assert grants(shown) == held
    assert world.ask("ada", "GET", IMAGE).status_code == 403
    world.do("ada", application, "accept", agreement="dua", version=1)
    assert world.ask("ada", "GET", IMAGE).status_code == 200
    assert world.ask("bob", "GET", IMAGE).status_code == 403
    shown = world.do("bob", application, "accept", agreement="dua", version=1)
    assert set(grants(shown).values()) == {"active"}
    use = world.client.get("/api/v1/uses").json()["items"][0]
    assert (use["organisation"], use["state"]) == ("University", "current")
    assert use["datasets"] == [{"accession": CONTROLLED, "title": told["datasets"][0]["title"]}]
    world.do("ada", application, "close", reason="done")
    assert world.ask("ada", "GET", IMAGE).status_code == 403
    assert world.client.get("/api/v1/uses").json()["items"][0]["state"] == "ended-early"


def test_the_end_is_the_least_of_policy_months_and_committee(world):
    set_terms(world.stores, CONTROLLED, "GRU", TS="6")
    shown = world.get("ada", f"{HERE}/{world.approved()}")
    now = datetime.now(UTC)
    end = datetime.fromisoformat(shown["grants"][0]["end"])
    assert now + 179 * DAY < end < now + 185 * DAY  # six months, not the twelve asked for


def test_the_committees_end_and_uses_hold_if_they_are_stricter(world):
    application = world.submitted(datasets=[CONTROLLED])
    world.do("lou", application, "screen")
    end = (datetime.now(UTC) + 30 * DAY).isoformat()
    world.vote("lou", application, CONTROLLED, end=end, uses=["view"], conditions=["Cite us."])
    shown = world.vote("lea", application, CONTROLLED)
    assert datetime.fromisoformat(shown["grants"][0]["end"]) == datetime.fromisoformat(end)
    decision = shown["decisions"][0]
    assert (decision["uses"], decision["conditions"]) == (["view"], ["Cite us."])
    held = world.get("ada", "/api/v1/grants")["items"][0]
    assert (held["uses"], held["conditions"]) == (["view"], ["Cite us."])


def test_matches_are_kept_and_advise_only(world):
    set_terms(world.stores, CONTROLLED, "DS", "NPUNCU")
    set_terms(world.stores, KIDNEYS, "GRU")
    application = world.submitted()
    shown = world.get("lou", f"{HERE}/{application}")
    by_dataset = {each["dataset"]: each for each in shown["matches"]}
    door = world.ask(
        "ada",
        "POST",
        f"/api/v1/datasets/{KIDNEYS}/policy/match",
        ANSWERS["purpose"] | {"months": 12, "research_question": ANSWERS["research_question"]},
    ).json()
    assert by_dataset[KIDNEYS]["answer"] == door["answer"] == "allow"
    assert by_dataset[KIDNEYS]["policy"] == door["policy"]
    assert by_dataset[KIDNEYS]["algorithm"] == door["algorithm"]
    assert by_dataset[CONTROLLED]["answer"] in ("deny", "needs-human")
    opinions = {each["accession"]: each["opinion"] for each in shown["datasets"]}
    assert opinions[KIDNEYS] == "allow"
    world.do("lou", application, "screen")
    world.vote("lou", application, CONTROLLED)
    shown = world.vote("lea", application, CONTROLLED)
    assert states(shown)[CONTROLLED] == "approved"  # people decide


def test_what_lacks_an_ethics_approval_waits_for_it(world):
    set_terms(world.stores, CONTROLLED, "GRU", "IRB")
    application = world.begin(datasets=[CONTROLLED])
    world.edit(application, answers=ANSWERS)
    refused = world.do("ada", application, "submit", 409)
    assert refused["rule"] == "IRB (DUO:0000021)"
    path = f"{HERE}/{application}/documents/approval.pdf"
    headers = {"X-Document-Kind": "ethics", "X-Document-Title": "Approval%20%C3%A9"}
    put = world.ask("ada", "PUT", path, content=PDF, headers=headers)
    assert put.status_code == 200, put.text
    document = put.json()["documents"][0]
    assert (document["title"], document["kind"], document["size"]) == (
        "Approval é",
        "ethics",
        len(PDF),
    )
    world.do("ada", application, "submit")
    given = world.ask("lou", "GET", path)
    assert (given.content, given.headers["content-type"]) == (PDF, "application/pdf")
    assert world.ask("kim", "GET", path).status_code == 404  # another committee's
    assert world.ask("eve", "GET", path).status_code == 404
    for method in ("PUT", "DELETE"):
        more = {"content": PDF} if method == "PUT" else {}
        assert world.ask("ada", method, path, **more).status_code == 409


@pytest.mark.parametrize("body", [b"MZ\x90\x00", b"<html>\x00", b"", b"\xff\xfe\x00"])
def test_only_documents_are_taken(world, body):
    path = f"{HERE}/{world.begin()}/documents/x.pdf"
    assert world.ask("ada", "PUT", path, content=body).status_code == 422


def test_a_document_of_a_draft_can_be_taken_out(world):
    application = world.begin()
    path = f"{HERE}/{application}/documents/x.txt"
    world.ask("ada", "PUT", path, content=b"one")
    world.ask("ada", "PUT", path, content=b"two")
    assert world.ask("ada", "GET", path).content == b"two"
    assert world.ask("ada", "DELETE", path).json()["documents"] == []
    assert world.ask("ada", "GET", path).status_code == 404
    assert world.ask("ada", "DELETE", path).status_code == 404


def test_the_form_is_a_json_schema_that_agrees_with_the_match_door(world):
    shown = world.get("ada", f"{HERE}/form")
    schema = shown["schema"]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(ANSWERS, schema)
    purpose = schema["properties"]["purpose"]["properties"]
    assert purpose.keys() == PurposeGiven.model_fields.keys()
    assert world.ask("ada", "GET", f"{HERE}/form?version=99").status_code == 404


def test_a_purpose_from_json_is_what_the_match_door_reads():
    said = {
        "uses": ["disease"],
        "diseases": ["MONDO:0008903"],
        "is_commercial": True,
        "country": "se",
        "organisation_type": "for-profit",
        "organisation": "Acme",
        "project": "P",
        "months": 3,
        "research_question": "q",
        "has_approval": False,
        "recipients": [{"organisation": "B", "country": "US"}, {}],
        "sensitive": ["paediatric"],
        "prohibited": [],
    }
    assert purpose_from_json(said) == PurposeGiven.model_validate(said).purpose(user=None)
    assert purpose_from_json({}) == PurposeGiven().purpose(user=None)


@pytest.mark.parametrize(
    "answers",
    [{"titles": "x"}, {"months": "x"}, {"environment": ["mine"]}, {"title": "x" * 201}],
)
def test_a_draft_takes_only_what_the_form_asks_for(world, answers):
    told = world.edit(world.begin(), status=422, answers=answers)
    assert "x" * 201 not in told["detail"]


def test_what_is_submitted_is_edited_no_more(world):
    application = world.submitted()
    told = world.edit(application, status=409, answers={**ANSWERS, "months": 120})
    assert "submitted" in told["detail"]
    world.do("lou", application, "return", text="Say more.")
    world.edit(application, answers={**ANSWERS, "months": 24})
    assert world.do("ada", application, "resubmit")["answers"]["months"] == 24


def test_a_change_names_what_it_was_made_from(world):
    application = world.begin()
    path = f"{HERE}/{application}"
    assert world.ask("ada", "PATCH", path, {"members": []}).status_code == 428
    etag = world.ask("ada", "GET", path).headers["etag"]
    headers = {"If-Match": etag}
    assert world.ask("ada", "PATCH", path, {"members": ["bob"]}, headers=headers).status_code == 200
    assert world.ask("ada", "PATCH", path, {"members": []}, headers=headers).status_code == 412
    stale = world.ask("ada", "POST", f"{path}/commands", {"command": "withdraw"}, headers=headers)
    assert stale.status_code == 412


def test_who_may_know_of_it(world):
    draft = world.begin()
    for who, status in (("lou", 404), ("bob", 404), ("odo", 200), ("stu", 200)):
        world.get(who, f"{HERE}/{draft}", status)
    application = world.submitted(datasets=[CONTROLLED])
    for who, status in (("lou", 200), ("bob", 200), ("kim", 404), ("eve", 404)):
        world.get(who, f"{HERE}/{application}", status)
    world.do("eve", application, "withdraw", 404)
    world.do("bob", application, "withdraw", 403)
    world.do("odo", application, "screen", 403)
    assert world.ask("ada", "GET", f"{HERE}?view=all").status_code == 403
    assert len(world.get("odo", f"{HERE}?view=all")["items"]) == 2


def test_nobody_decides_on_an_own_application_or_a_colleagues(world):
    path = f"/api/v1/committees/{world.ids['Lungs']}/members/ada"  # by the sign-in name
    assert world.ask("stu", "PUT", path).status_code == 200
    application = world.submitted()
    for who in ("ada", "uma"):
        world.do(who, application, "declare", 403, has_conflict=False, text="")
        world.do(who, application, "screen", 403)
    world.do("lou", application, "screen")
    assert "vote" not in world.get("ada", f"{HERE}/{application}")["can"]
    world.do("ada", application, "vote", 403, dataset=CONTROLLED, vote="approve", reason="r")


def test_a_vote_without_a_declaration_or_with_a_conflict_is_refused(world):
    application = world.submitted()
    world.do("lou", application, "screen")
    vote = {"dataset": CONTROLLED, "vote": "approve", "reason": "r"}
    world.do("lou", application, "vote", 409, **vote)
    world.do("lou", application, "declare", has_conflict=True, text="We write papers together.")
    assert "conflict" in world.do("lou", application, "vote", 409, **vote)["detail"]


def test_a_partial_approval_freezes_the_cohort_again(world):
    made = world.ask("ada", "POST", "/api/v1/cohorts", {"name": "All", "where": ""}).json()
    with world.stores.records.write() as connection:
        _freeze_all(connection, world, made["id"])
    application = world.begin(cohort={"id": made["id"], "version": 1})
    world.edit(application, answers=ANSWERS)
    world.do("ada", application, "submit")
    world.do("lou", application, "screen")
    world.vote("lou", application, CONTROLLED)
    world.vote("lea", application, CONTROLLED)
    shown = world.vote("kim", application, KIDNEYS, "refuse")
    assert shown["cohort"] == {"id": made["id"], "version": 2, "name": "All"}
    with world.stores.records.read() as connection:
        version = find_version(connection, made["id"], 2)
        held = read_images(connection, version.images.digest)
    lungs = [image_name(CONTROLLED, number) for number in range(2)]
    assert held == {OPEN: [image_name(OPEN, number) for number in range(3)], CONTROLLED: lungs}
    assert version.images.digest == digest_of([*held[OPEN], *lungs])
    world.get("ada", f"/api/v1/cohorts/{made['id']}/versions/2")


def _freeze_all(connection, world, cohort):
    """Freeze by hand: who has no grant cannot freeze what is closed."""
    images = [
        (image_name(dataset, number), dataset, f"{dataset} {number}")
        for dataset, count in ((OPEN, 3), (CONTROLLED, 2), (KIDNEYS, 1))
        for number in range(count)
    ]
    person = find_person(connection, world.ids["ada"])
    freeze_cohort(
        connection,
        person,
        find_cohort(connection, person, cohort),
        Chosen(*(list(column) for column in zip(*images, strict=True))),
        asked=[OPEN, CONTROLLED, KIDNEYS],
        titles={},
    )


def test_a_member_outside_the_eea_waits_for_a_document(world):
    application = world.begin(datasets=[CONTROLLED])
    members = ["bob", {"person": "eve", "country": "US"}]
    shown = world.edit(application, answers=ANSWERS, members=members)
    assert [each["transfer"] for each in shown["members"]] == ["none", "none", "needed"]
    document = f"{HERE}/{application}/documents/clauses.pdf"
    world.ask("ada", "PUT", document, content=PDF, headers={"X-Document-Kind": "transfer"})
    world.do("ada", application, "submit")
    world.do("lou", application, "screen")
    world.vote("lou", application, CONTROLLED)
    shown = world.vote("lea", application, CONTROLLED)
    eve = (CONTROLLED, world.ids["eve"])
    assert grants(shown)[eve] == "pending-terms"
    assert "outside the EEA" in shown["waiting_for"]
    said = {"member": world.ids["eve"], "basis": "clauses", "document": "none.pdf"}
    world.do("lou", application, "record-transfer", 409, **said)
    world.do("ada", application, "record-transfer", 403, **said)
    shown = world.do("lou", application, "record-transfer", **said | {"document": "clauses.pdf"})
    assert grants(shown)[eve] == "active"
    assert world.ask("eve", "GET", IMAGE).status_code == 200


def test_a_signed_agreement_waits_for_the_organisations_signatory(world):
    agree(world, "dta", kind="signed", for_datasets=[CONTROLLED])
    application = world.begin(datasets=[CONTROLLED])
    world.edit(application, answers=ANSWERS)
    assert world.do("ada", application, "submit", 409)["place"] == "signatory"
    world.edit(application, signatory="eve")
    world.do("ada", application, "submit", 409)  # of another organisation
    world.edit(application, signatory="sig")
    world.do("ada", application, "submit")
    world.do("lou", application, "screen")
    world.vote("lou", application, CONTROLLED)
    shown = world.vote("lea", application, CONTROLLED)
    assert set(grants(shown).values()) == {"pending-terms"}
    world.do("ada", application, "sign", 403, agreement="dta", version=1)
    world.do("sig", application, "sign", 409, agreement="dta", version=2)
    shown = world.do("sig", application, "sign", agreement="dta", version=1)
    assert set(grants(shown).values()) == {"active"}
    assert shown["signed"]["by"] == "Sig"


def test_a_new_version_is_accepted_again_within_a_grace(world):
    agree(world)
    application = world.approved()
    for who in ("ada", "bob"):
        world.do(who, application, "accept", agreement="dua", version=1)
    agree(world, text="# Stricter rules", requires_reaccept=True)
    fall_due(world, 0)
    assert world.ask("ada", "GET", IMAGE).status_code == 200
    notices = world.get("ada", "/api/v1/notices")["items"]
    assert [each["kind"] for each in notices].count("agreement-again") == 1
    world.do("bob", application, "accept", 409, agreement="dua", version=3)
    world.do("bob", application, "accept", agreement="dua", version=2)
    fall_due(world, 31)
    shown = world.get("ada", f"{HERE}/{application}")
    ada, bob = (CONTROLLED, world.ids["ada"]), (CONTROLLED, world.ids["bob"])
    assert (grants(shown)[ada], grants(shown)[bob]) == ("suspended", "active")
    shown = world.do("ada", application, "accept", agreement="dua", version=2)
    assert grants(shown)[ada] == "active"


def test_a_version_that_need_not_be_accepted_again_changes_nothing(world):
    agree(world)
    application = world.approved()
    for who in ("ada", "bob"):
        world.do(who, application, "accept", agreement="dua", version=1)
    agree(world, text="# A comma more", requires_reaccept=False)
    fall_due(world, 40)
    assert set(grants(world.get("ada", f"{HERE}/{application}")).values()) == {"active"}


def test_a_change_widens_only_with_a_decision_and_narrows_at_once(world):
    application = world.approved()
    ada, bob, eve = ((CONTROLLED, world.ids[each]) for each in ("ada", "bob", "eve"))
    asked = {"datasets": [CONTROLLED], "members": ["eve"]}
    shown = world.do("ada", application, "change", **asked)
    assert shown["state"] == "submitted"
    assert grants(shown) == {ada: "active", bob: "revoked"}
    world.do("lou", application, "screen")
    world.vote("lou", application, CONTROLLED)
    shown = world.vote("lea", application, CONTROLLED)
    assert grants(shown) == {ada: "active", bob: "revoked", eve: "active"}


def test_a_revoked_grant_does_not_come_back(world):
    application = world.approved()
    mine = world.get("ada", "/api/v1/grants")["items"][0]["id"]
    world.ask("stu", "DELETE", f"/api/v1/grants/{mine}", {"reason": "asked to"})
    shown = world.do("ada", application, "change", datasets=[CONTROLLED], members=["bob", "eve"])
    world.do("lou", application, "screen")
    world.vote("lou", application, CONTROLLED)
    shown = world.vote("lea", application, CONTROLLED)
    assert grants(shown)[CONTROLLED, world.ids["ada"]] == "revoked"


def test_who_misused_a_dataset_does_not_apply_for_it(world):
    world.approved()
    waiting = world.submitted()
    mine = world.get("ada", "/api/v1/grants")["items"][0]["id"]
    revoked = world.ask(
        "stu", "DELETE", f"/api/v1/grants/{mine}", {"reason": "misuse", "is_misuse": True}
    )
    assert revoked.status_code == 200
    assert states(world.get("ada", f"{HERE}/{waiting}"))[CONTROLLED] == "refused"
    again = world.begin(datasets=[CONTROLLED])
    world.edit(again, answers=ANSWERS)
    assert "misuse" in world.do("ada", again, "submit", 409)["detail"]


def test_renewing_copies_into_a_new_draft_that_takes_the_grants_place(world):
    application = world.approved()
    fresh = world.do("ada", application, "renew")
    assert (fresh["state"], fresh["renews"]) == ("draft", application)
    assert fresh["answers"] == ANSWERS
    assert [each["display_name"] for each in fresh["members"]] == ["Ada", "Bob"]
    world.do("bob", application, "renew", 403)
    world.do("ada", fresh["id"], "submit")
    world.do("lou", fresh["id"], "screen")
    world.vote("lou", fresh["id"], CONTROLLED)
    world.vote("lea", fresh["id"], CONTROLLED)
    old = world.get("ada", f"{HERE}/{application}")
    assert set(grants(world.get("ada", f"{HERE}/{fresh['id']}")).values()) == {"active"}
    assert set(grants(old).values()) == {"superseded"}
    uses = {each["id"]: each["state"] for each in world.client.get("/api/v1/uses").json()["items"]}
    assert uses == {application: "ended", fresh["id"]: "current"}
    assert world.ask("ada", "GET", IMAGE).status_code == 200


def test_two_decide_at_once_one_wins(world):
    """The second finds the dataset decided: both were true when each was loaded."""
    application = world.submitted(datasets=[KIDNEYS])
    path = f"/api/v1/committees/{world.ids['Kidneys']}/members/lou"
    assert world.ask("stu", "PUT", path).status_code == 200
    world.do("kim", application, "screen")
    for who in ("kim", "lou"):
        world.do(who, application, "declare", has_conflict=False, text="")
    world.do("kim", application, "vote", dataset=KIDNEYS, vote="approve", reason="r")
    world.do("lou", application, "vote", 409, dataset=KIDNEYS, vote="refuse", reason="r")


def test_what_needs_no_application_here_is_refused(world):
    for dataset, status in ((OPEN, 422), ("bb-dataset-nnnnnn-nnnnnn", 404)):
        assert world.ask("ada", "POST", HERE, {"datasets": [dataset]}).status_code == status
    path = f"/api/v1/committees/{world.ids['Lungs']}/datasets/{CONTROLLED}"
    assert world.ask("stu", "DELETE", path).status_code == 200
    assert world.ask("ada", "POST", HERE, {"datasets": [CONTROLLED]}).status_code == 422


def test_the_way_to_apply_is_here_where_a_committee_decides_here(world):
    told = world.ask("ada", "GET", IMAGE).json()
    assert told["apply"] == f"/apply?dataset={CONTROLLED}"
    path = f"/api/v1/committees/{world.ids['Lungs']}/datasets/{CONTROLLED}"
    world.ask("stu", "DELETE", path)
    assert world.ask("ada", "GET", IMAGE).json()["apply"] == "mailto:access@example.org"


def test_every_act_is_on_record_without_what_people_wrote(world):
    application = world.approved()
    with world.stores.records.read() as connection:
        events = [each for each in events_after(connection, 0, 1000) if each.subject == application]
        kept = connection.execute(
            select(application_events.c.command).order_by(application_events.c.seq)
        ).scalars()
        assert [each.action.removeprefix("application:") for each in events] == list(kept)
    assert events[-1].details["state"] == "approved"
    assert events[-1].details["outcome"] == "approved"
    submitted = next(each for each in events if each.action == "application:submit")
    assert submitted.details["matched"][CONTROLLED].keys() == {
        "id",
        "answer",
        "algorithm",
        "policy",
    }
    assert ANSWERS["lay_summary"] not in str([each.details for each in events])


def test_an_idle_draft_expires_after_a_reminder(world):
    draft = world.begin()
    fall_due(world, 80)
    fall_due(world, 81)
    kinds = [each["kind"] for each in world.get("ada", "/api/v1/notices")["items"]]
    assert kinds.count("application-idle") == 1
    fall_due(world, 91)
    assert world.get("ada", f"{HERE}/{draft}")["state"] == "expired"


def test_documents_go_with_the_draft_that_expired_and_with_no_other(world):
    expired, sent = world.begin(), world.begin()
    for application in (expired, sent):
        path = f"{HERE}/{application}/documents/votum.pdf"
        assert world.ask("ada", "PUT", path, content=PDF).status_code == 200
    world.edit(sent, answers=ANSWERS)
    world.do("ada", sent, "submit")
    vault = world.stores.vault

    def forget():
        with world.stores.records.write() as connection:
            return forget_expired(connection, vault)

    def held():
        with world.stores.records.read() as connection:
            rows = connection.execute(select(application_documents))
            return {row.application: row.object for row in rows}

    both = held()
    assert forget() == 0  # it is a draft still
    fall_due(world, 80)
    fall_due(world, 91)
    assert (forget(), forget()) == (1, 0)
    assert held() == {sent: both[sent]}
    with pytest.raises(IntegrityError, match="erased"):
        vault.open(both[expired])
    path = "documents/votum.pdf"
    assert world.ask("ada", "GET", f"{HERE}/{expired}/{path}").status_code == 404
    assert world.ask("lou", "GET", f"{HERE}/{sent}/{path}").content == PDF
    assert vault.sweep() == 1
    with world.stores.records.read() as connection:
        told = [each for each in events_after(connection, 0, 1000) if each.subject == expired]
    assert told[-1].action == "application:forget-documents"
    assert told[-1].details == {"documents": 1}


def test_what_waits_too_long_is_told_to_the_committee_and_what_ends_to_its_holder(world):
    world.submitted(datasets=[CONTROLLED])
    fall_due(world, 15)
    kinds = [each["kind"] for each in world.get("lou", "/api/v1/notices")["items"]]
    assert "application-overdue" in kinds
    world.approved()
    for days in (306, 307, 336, 359):
        fall_due(world, days)
    ends = [each for each in world.get("ada", "/api/v1/notices")["items"] if each["kind"] == "grant-ends"]  # fmt: skip  # noqa: E501
    assert len(ends) == 3


def test_notices_are_read(world):
    world.approved()
    told = world.get("ada", "/api/v1/notices")
    assert told["unread"] == len(told["items"]) > 1
    first = told["items"][0]["id"]
    world.ask("ada", "POST", "/api/v1/notices/read", {"ids": [first]})
    assert world.get("ada", "/api/v1/notices")["unread"] == told["unread"] - 1
    world.ask("bob", "POST", "/api/v1/notices/read", {"ids": None})
    assert world.get("ada", "/api/v1/notices")["unread"] == told["unread"] - 1
    world.ask("ada", "POST", "/api/v1/notices/read", {"ids": None})
    assert world.get("ada", "/api/v1/notices")["unread"] == 0
    page = world.get("ada", f"/api/v1/notices?limit=1&after={first}")
    assert page["items"][0]["id"] == told["items"][1]["id"]


def test_a_reviewer_is_invited_and_sees_it(world):
    application = world.submitted(datasets=[CONTROLLED])
    world.do("lou", application, "screen")
    world.get("eve", f"{HERE}/{application}", 404)
    world.do("lou", application, "invite", person="eve")
    world.do("eve", application, "review", 409, text="Sound.", recommendation="approve")
    world.do("eve", application, "declare", has_conflict=False, text="")
    shown = world.do("eve", application, "review", text="Sound.", recommendation="approve")
    assert shown["reviews"][0]["recommendation"] == "approve"
    assert shown["votes"] == []
    assert world.get("ada", f"{HERE}/{application}")["reviews"] == []
    assert world.get("lou", f"{HERE}/{application}")["reviews"][0]["by"]["display_name"] == "Eve"


def test_lists_go_on_page_by_page(world):
    for _ in range(3):
        world.begin()
    first = world.get("ada", f"{HERE}?limit=2")
    rest = world.get("ada", f"{HERE}?limit=2&after={first['next'].replace('+', '%2B')}")
    assert len({each["id"] for each in (*first["items"], *rest["items"])}) == 3
    assert rest["next"] is None
    assert world.ask("ada", "GET", f"{HERE}?after=nonsense").status_code == 422


def test_committees_show_their_people_to_those_concerned(world):
    for who, seen in (("ada", 0), ("kim", 0), ("lou", 2), ("odo", 2), ("stu", 2)):
        listed = world.get(who, "/api/v1/committees")["items"]
        lungs = next(each for each in listed if each["name"] == "Lungs")
        assert len(lungs["members"]) == seen, who
        assert lungs["is_mine"] is (who == "lou")
        assert lungs["datasets"][0]["accession"] == CONTROLLED
    path = f"/api/v1/committees/{world.ids['Lungs']}"
    changed = world.ask("stu", "PATCH", path, {"rule": "no-block"}).json()
    assert (changed["rule"], changed["quorum"], changed["name"]) == ("no-block", 2, "Lungs")
    wanted = {"name": "Lungs", "rule": "majority", "quorum": 1}
    assert world.ask("stu", "POST", "/api/v1/committees", wanted).status_code == 409
    assert world.ask("stu", "PUT", f"{path}/datasets/none").status_code == 404
    assert world.ask("stu", "PUT", f"{path}/members/none").status_code == 404
    assert world.ask("lou", "PATCH", path, {"quorum": 1}).status_code == 403


def test_a_dataset_has_one_committee(world):
    path = f"/api/v1/committees/{world.ids['Kidneys']}/datasets/{CONTROLLED}"
    moved = world.ask("stu", "PUT", path).json()
    assert {each["accession"] for each in moved["datasets"]} == {CONTROLLED, KIDNEYS}
    listed = world.get("stu", "/api/v1/committees")["items"]
    assert sum(len(each["datasets"]) for each in listed) == 2
