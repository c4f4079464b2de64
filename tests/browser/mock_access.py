"""Doors of access of the mock: applications, committees, duties, seals, notices."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from browser import mock_access_data as data
from browser import mock_catalogue as catalogue

Record = dict[str, Any]
ROUTES = [
    ("GET", "/api/v1/applications/form", "get_application_form"),
    ("GET", "/api/v1/applications", "get_applications"),
    ("POST", "/api/v1/applications", "post_application"),
    ("GET", "/api/v1/applications/{id}", "get_application"),
    ("PATCH", "/api/v1/applications/{id}", "patch_application"),
    ("POST", "/api/v1/applications/{id}/commands", "post_command"),
    ("PUT", "/api/v1/applications/{id}/documents/{name}", "put_document"),
    ("DELETE", "/api/v1/applications/{id}/documents/{name}", "delete_document"),
    ("GET", "/api/v1/committees", "get_committees"),
    ("POST", "/api/v1/committees", "post_committee"),
    ("PATCH", "/api/v1/committees/{id}", "patch_committee"),
    ("PUT", "/api/v1/committees/{id}/members/{person}", "put_member"),
    ("DELETE", "/api/v1/committees/{id}/members/{person}", "delete_member"),
    ("GET", "/api/v1/agreements", "get_agreements"),
    ("POST", "/api/v1/agreements", "post_agreement"),
    ("GET", "/api/v1/uses", "get_uses"),
    ("GET", "/api/v1/datasets/{accession}/uses", "get_dataset_uses"),
    ("GET", "/api/v1/duties", "get_duties"),
    ("POST", "/api/v1/duties/{id}/done", "post_done"),
    ("POST", "/api/v1/grants/{id}/hold", "post_hold"),
    ("POST", "/api/v1/grants/{id}/release", "post_release"),
    ("GET", "/api/v1/seals", "get_seals"),
    ("POST", "/api/v1/seals", "post_seal"),
    ("POST", "/api/v1/seals/{id}/unseal", "post_unseal"),
    ("GET", "/api/v1/notices", "get_notices"),
    ("POST", "/api/v1/notices/read", "post_notices_read"),
]
WRITING = {"draft", "returned"}


@dataclass
class Desk:
    """What of access a test may bend; empty unless a test fills it."""

    committees: list[Record] = field(default_factory=data.committees)
    applications: list[Record] = field(default_factory=list)
    agreements: list[Record] = field(default_factory=data.agreements)
    uses: list[Record] = field(default_factory=list)
    dataset_uses: list[Record] = field(default_factory=list)
    duties: list[Record] = field(default_factory=list)
    seals: list[Record] = field(default_factory=list)
    notices: list[Record] = field(default_factory=list)
    commands: list[Record] = field(default_factory=list)
    saves: list[Record] = field(default_factory=list)
    documents: dict[str, bytes] = field(default_factory=dict)

    def fill(self) -> None:
        """Everything that the invented data hold."""
        self.applications = data.applications()
        self.uses, self.duties = data.uses(), data.duties()
        self.dataset_uses, self.notices = data.dataset_uses(), data.notices()


def may(application: Record, person: str | None) -> list[str]:
    """Commands that the person may give, as the state machine of the node tells."""
    state, found = application["state"], []
    if person == application["applicant"]["id"]:
        found += ["submit"] * (state == "draft") + ["resubmit"] * (state == "returned")
        found += ["withdraw"] * (state in {"draft", "returned", "submitted", "in-review"})
        found += ["answer"] * any(not one["answer"] for one in application["questions"])
        found += ["renew", "close", "accept"] * (state == "approved")
    elif application["signatory"] and person == application["signatory"]["id"]:
        found += ["sign"] * (state == "approved")
    else:
        mine = [one for one in application["declarations"] if one["by"]["id"] == person]
        found += ["screen"] * (state == "submitted")
        if state in {"submitted", "in-review"}:
            found += ["declare", "ask", "return", "invite"]
            found += ["vote"] * bool(mine and not mine[-1]["has_conflict"])
    return found


class Access:
    """The doors; what they do is as much of the real ones as the pages show."""

    world: Any
    query: dict[str, str]
    person: str | None
    headers: Any
    rfile: Any
    json: Any
    body: Any
    page: Any
    problem: Any
    give: Any

    @property
    def desk(self) -> Desk:
        return self.world.desk

    def _application(self, name: str) -> Record | None:
        found = next((one for one in self.desk.applications if one["id"] == name), None)
        if found is None or self.person is None:
            self.problem(404, "No application is known under this id.")
            return None
        return found

    def _shown(self, one: Record) -> Record:
        return {**one, "can": may(one, self.person)}

    # applications

    def get_application_form(self) -> None:
        schema = json.loads(
            resources.files("browser").joinpath("mock_form.json").read_text("utf-8")
        )
        self.json({"version": 1, "schema": schema})

    def get_applications(self) -> None:
        if self.person is None:
            return self.problem(401, "This needs somebody signed in.")
        view, state = self.query["view"], self.query.get("state")
        mine = {one["id"] for one in self.desk.committees if self._sits(one)}
        found = [
            self._shown(one)
            for one in self.desk.applications
            if (not state or one["state"] == state)
            and (
                view == "all"
                or (view == "mine" and one["applicant"]["id"] == self.person)
                or (view == "desk" and mine & {each["committee"]["id"] for each in one["datasets"]})
            )
        ]
        return self.page(found)

    def _sits(self, committee: Record) -> bool:
        return self.person in {one["id"] for one in committee["members"]}

    def post_application(self) -> None:
        given = self.body()
        wanted = [catalogue.dataset(each) for each in given["datasets"]]
        lines = [data.asked(each) for each in wanted if each]
        made = data.application(f"a{len(self.desk.applications)}", "draft", title="", answers={})
        made |= {"datasets": lines, "applicant": data.ref(self.person or ""), "timeline": []}
        self.desk.applications.append(made)
        self.json(self._shown(made), 201, ETag='"1"')

    def get_application(self, name: str) -> None:
        if found := self._application(name):
            self.json(self._shown(found), ETag=f'"{found["etag"]}"')

    def patch_application(self, name: str) -> None:
        found, given = self._application(name), self.body()
        if found is None:
            return None
        if self.headers["If-Match"].strip('"') != found["etag"]:
            return self.problem(412, "The application was changed meanwhile.")
        self.desk.saves.append(given)
        for person in [*given.get("members", []), given.get("signatory") or "researcher"]:
            named = person["person"] if isinstance(person, dict) else person
            if named not in {each for one in catalogue.PEOPLE for each in (one["id"], one["name"])}:
                return self.problem(404, "Nobody is known by this name.", remedy="Ask them for it.")
        if "answers" in given:
            found |= {"answers": given["answers"], "title": given["answers"].get("title", "")}
        if "members" in given:
            given["members"] = ["p-res", *given["members"]]
            found["members"] = [self._member(each) for each in given["members"]]
        if "signatory" in given:
            found["signatory"] = data.ref(given["signatory"]) if given["signatory"] else None
        if "datasets" in given:
            kept = set(given["datasets"])
            found["datasets"] = [one for one in found["datasets"] if one["accession"] in kept]
        found["etag"] = str(int(found["etag"]) + 1)
        return self.json(self._shown(found), ETag=f'"{found["etag"]}"')

    def _member(self, given: str | Record) -> Record:
        country = given["country"] if isinstance(given, dict) else "SE"
        person = given["person"] if isinstance(given, dict) else given
        transfer = "none" if country == "SE" else "needed"
        return {**data.ref(person), "country": country, "accepted": [], "transfer": transfer}

    def put_document(self, name: str, document: str) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        found = self._application(name)
        if found is None:
            return None
        if not body.startswith(b"%PDF"):
            return self.problem(422, "This is no document of a kind that is taken.")
        self.desk.documents[document] = body
        kind = self.headers["X-Document-Kind"]
        said = {"name": document, "title": document, "kind": kind, "size": len(body)}
        found["documents"] += [{**said, "sha256": "", "at": data.day(), "by": "Ada Lindqvist"}]
        found["etag"] = str(int(found["etag"]) + 1)
        return self.json(self._shown(found))

    def delete_document(self, name: str, document: str) -> None:
        if found := self._application(name):
            found["documents"] = [one for one in found["documents"] if one["name"] != document]
            self.json(self._shown(found))

    def post_command(self, name: str) -> None:
        found, given = self._application(name), self.body()
        if found is None:
            return None
        command = given["command"]
        if command not in may(found, self.person):
            return self.problem(409, f"{command} cannot be done to it now.", remedy="Load it anew.")
        self.desk.commands.append({"by": self.person, "of": name, **given})
        answer = getattr(self, f"_{command}")(found, given) or found
        return self.json(self._shown(answer))

    def _submit(self, one: Record, _: Record) -> None:
        one |= {"state": "submitted", "submitted": data.day(), "deadline": data.day(14)}
        one["waiting_for"] = "Toxicology committee screens it."

    _resubmit = _submit

    def _withdraw(self, one: Record, _: Record) -> None:
        one |= {"state": "withdrawn", "deadline": None, "waiting_for": ""}

    def _close(self, one: Record, _: Record) -> None:
        one["state"] = "closed"

    def _renew(self, one: Record, _: Record) -> Record:
        made = data.application("a-renewed", "draft", answers=one["answers"])
        self.desk.applications.append(made)
        return made

    def _answer(self, one: Record, given: Record) -> None:
        asked = next(each for each in one["questions"] if each["id"] == given["question"])
        asked["answer"] = {"text": given["text"], "at": data.day()}

    def _accept(self, one: Record, given: Record) -> None:
        for each in one["agreements"]:
            each["accepted"] = each["accepted"] or each["id"] == given["agreement"]

    def _sign(self, one: Record, given: Record) -> None:
        self._accept(one, given)
        one["signed"] = {"at": data.day(), "by": "Edda Nystrand"}

    def _screen(self, one: Record, _: Record) -> None:
        one["state"] = "in-review"

    def _return(self, one: Record, given: Record) -> None:
        one["state"] = "returned"
        one["timeline"].append({"at": data.day(), "what": f"Returned: {given['text']}", "by": ""})

    def _declare(self, one: Record, given: Record) -> None:
        said = {name: given[name] for name in ("has_conflict", "text")}
        one["declarations"].append({"by": data.ref(self.person or ""), "at": data.day(), **said})

    def _ask(self, one: Record, given: Record) -> None:
        asked = {"id": f"q{len(one['questions']) + 1}", "by": data.ref(self.person or "")}
        one["questions"].append({**asked, "text": given["text"], "at": data.day(), "answer": None})

    def _invite(self, one: Record, given: Record) -> None:
        invited = {"by": data.ref(given["person"]), "text": "", "recommendation": "", "at": None}
        one["reviews"].append(invited)

    def _vote(self, one: Record, given: Record) -> None:
        said = {name: given[name] for name in ("dataset", "vote", "reason")}
        one["votes"].append({**said, "by": data.ref(self.person or ""), "at": data.day()})
        votes = [each for each in one["votes"] if each["dataset"] == given["dataset"]]
        if len(votes) < 2:
            return
        line = next(each for each in one["datasets"] if each["accession"] == given["dataset"])
        line["state"] = "approved"
        decided = {"outcome": "approved", "at": data.day(), "reason": given["reason"]}
        more = {"conditions": given["conditions"], "uses": given["uses"], "end": given["end"]}
        one["decisions"].append(
            {"dataset": given["dataset"], "committee": line["committee"], **decided, **more}
        )

    # committees and agreements

    def get_committees(self) -> None:
        if self.person is None:
            return self.problem(401, "This needs somebody signed in.")
        return self.page([{**one, "is_mine": self._sits(one)} for one in self.desk.committees])

    def post_committee(self) -> None:
        made = {"id": "c-new", "members": [], "datasets": [], **self.body()}
        self.desk.committees.append(made)
        self.json({**made, "is_mine": False}, 201)

    def patch_committee(self, name: str) -> None:
        found = next(one for one in self.desk.committees if one["id"] == name)
        found |= self.body()
        self.json({**found, "is_mine": self._sits(found)})

    def put_member(self, name: str, person: str) -> None:
        found = next(one for one in self.desk.committees if one["id"] == name)
        if person not in {one["name"] for one in catalogue.PEOPLE}:
            return self.problem(404, "Nobody is known by this name.")
        found["members"].append(data.ref(person))
        return self.json(found)

    def delete_member(self, name: str, person: str) -> None:
        found = next(one for one in self.desk.committees if one["id"] == name)
        found["members"] = [one for one in found["members"] if one["id"] != person]
        self.json(found)

    def get_agreements(self) -> None:
        self.json({"items": self.desk.agreements})

    def post_agreement(self) -> None:
        given = self.body()
        before = [one for one in self.desk.agreements if one["id"] == given["id"]]
        made = {**given, "version": len(before) + 2 if before else 1, "digest": "ab" * 32}
        made["since"] = data.day()
        self.desk.agreements = [one for one in self.desk.agreements if one not in before] + [made]
        self.json(made, 201)

    # uses, duties, grants

    def get_uses(self) -> None:
        self.page(self.desk.uses)

    def get_dataset_uses(self, accession: str) -> None:
        if self.person not in {"p-con", "p-ste", "p-aud"} or accession != data.SHUT["accession"]:
            return self.problem(404, "No dataset is known under this accession.")
        return self.page(self.desk.dataset_uses)

    def get_duties(self) -> None:
        self.page(self.desk.duties if self.query["view"] == "all" or self.person == "p-res" else [])

    def post_done(self, name: str) -> None:
        duty = next(one for one in self.desk.duties if one["id"] == name)
        duty |= {"state": "done", "evidence": self.body()["evidence"], "done_at": data.day()}
        if not any(one["state"] == "overdue" for one in self.desk.duties):
            for grant in self.world.grants:
                if grant.get("holds") == ["duty"]:
                    grant |= {"holds": [], "state": "active"}
        self.json(duty)

    def _grant(self, name: str, **change: Any) -> None:
        grant = next(one for one in self.world.grants if one["id"] == name)
        self.desk.commands.append({"of": name, **self.body()})
        grant |= change
        self.json(grant)

    def post_hold(self, name: str) -> None:
        self._grant(name, holds=["steward"], state="suspended")

    def post_release(self, name: str) -> None:
        self._grant(name, holds=[], state="active")

    # seals and notices

    def get_seals(self) -> None:
        self.json({"items": self.desk.seals})

    def post_seal(self) -> None:
        given = self.body()
        seal = {"id": f"s{len(self.desk.seals)}", "of_shown": given["of"], "since": data.day()}
        seal |= {**given, "by": data.ref(self.person or ""), "unseal": None}
        self.desk.seals.append(seal)
        self.json(seal, 201)

    def post_unseal(self, name: str) -> None:
        self.body()
        seal = next(one for one in self.desk.seals if one["id"] == name)
        if seal["unseal"] is None:
            seal["unseal"] = {"by": data.ref(self.person or ""), "at": data.day()}
            return self.json({"is_open": False, "seal": seal, "unseal": seal["unseal"]})
        if seal["unseal"]["by"]["id"] == self.person:
            return self.problem(409, "Two people open a seal.", remedy="Ask somebody else.")
        self.desk.seals.remove(seal)
        return self.json({"is_open": True})

    def get_notices(self) -> None:
        mine = self.desk.notices if self.person == "p-res" else []
        self.page(mine, unread=sum(not one["is_read"] for one in mine))

    def post_notices_read(self) -> None:
        ids = self.body()["ids"]
        for one in self.desk.notices:
            one["is_read"] = one["is_read"] or ids is None or one["id"] in ids
        self.give(b"", "text/plain", 204)
