"""Invented committees, applications, grants, duties and notices of the mock node."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from browser import mock_catalogue as catalogue

Record = dict[str, Any]
SHUT = next(one for one in catalogue.DATASETS if one["tier"] == "controlled")
OTHER = next(one for one in catalogue.DATASETS if one["tier"] == "controlled" and one is not SHUT)
AGREEMENT = """# What you agree to

You, and everybody named in the application, use the data **only for what was approved**.

- Nobody tries to find out who a slide is of.
- Nobody passes the data on.
- What you find is published, and says where the data are from.

## When it ends

You delete every copy within 30 days, and confirm it.
"""


def day(days: float = 0) -> str:
    """A moment so many days from now."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def ref(person: str) -> Record:
    """A person as others see them."""
    found = next(one for one in catalogue.PEOPLE if person in (one["id"], one["name"]))
    return {name: found[name] for name in ("id", "display_name", "organisation")}


def committees() -> list[Record]:
    shown = [{"accession": one["accession"], "title": one["title"]} for one in (SHUT, OTHER)]
    return [
        {
            "id": "c-rat",
            "name": "Toxicology committee",
            "contact": "dac@tox.example",
            "rule": "majority",
            "quorum": 2,
            "members": [ref("p-mem"), ref("p-con"), ref("p-ste")],
            "datasets": shown[:1],
        },
        {
            "id": "c-kid",
            "name": "Kidney committee",
            "contact": "",
            "rule": "no-block",
            "quorum": 1,
            "members": [ref("p-ste")],
            "datasets": shown[1:],
        },
    ]


def asked(dataset: Record, state: str = "asked", opinion: str | None = None) -> Record:
    """A line of an application."""
    committee = next(
        one
        for one in committees()
        if dataset["accession"] in {each["accession"] for each in one["datasets"]}
    )
    return {
        "accession": dataset["accession"],
        "title": dataset["title"],
        "committee": {"id": committee["id"], "name": committee["name"]},
        "state": state,
        "opinion": opinion,
    }


ANSWERS: Record = {
    "title": "Liver foci that a pathologist grades, graded by a network",
    "lay_summary": "We teach a computer to see early changes of the liver in safety studies, so "
    "that fewer animals are needed to be sure that a medicine is safe.",
    "research_question": "Does a network trained on graded foci agree with two pathologists as "
    "well as they agree with one another?",
    "purpose": {
        "uses": ["methods"],
        "diseases": [],
        "sensitive": [],
        "prohibited": [],
        "country": "SE",
        "is_commercial": False,
        "organisation_type": "not-for-profit",
    },
    "methods_summary": "Patches at 0.5 µm per pixel, weakly supervised training, five folds.",
    "environment": ["view", "stream"],
    "months": 18,
    "data_minimisation": "Liver only; kidney and spleen are not read.",
    "security_measures": "A machine of the university that is in no other network.",
}
MATCH: Record = {
    "answer": "needs-human",
    "id": "6f1d",
    "algorithm": "1",
    "policy": "2026-01-15",
    "reasons": [
        {
            "clause": "DUO:0000006",
            "name": "Health or biomedical research",
            "answer": "allow",
            "text": "Methods are within health research.",
        },
        {
            "clause": "DUO:0000018",
            "name": "Not for profit, non-commercial",
            "answer": "allow",
            "text": "The use is not commercial, the organisation not for profit.",
        },
        {
            "clause": "DUO:0000021",
            "name": "Ethics approval",
            "answer": "needs-human",
            "text": "The purpose does not say whether an ethics committee has approved it.",
        },
    ],
}


def application(name: str, state: str, **more: Any) -> Record:
    """An application of the researcher, whole."""
    begun = {"at": day(-20), "what": "Begun", "by": "Ada Lindqvist"}
    return {
        "id": name,
        "title": ANSWERS["title"],
        "state": state,
        "applicant": ref("p-res"),
        "organisation": "Fjordheim University",
        "created": day(-20),
        "submitted": None if state == "draft" else day(-12),
        "changed": day(-12),
        "deadline": None,
        "is_overdue": False,
        "datasets": [asked(SHUT)],
        "cohort": None,
        "waiting_for": "",
        "answers": ANSWERS,
        "form_version": 1,
        "etag": "1",
        "members": [{**ref("p-res"), "country": "SE", "accepted": [], "transfer": "none"}],
        "signatory": None,
        "signed": None,
        "documents": [],
        "matches": [],
        "decisions": [],
        "votes": [],
        "declarations": [],
        "reviews": [],
        "questions": [],
        "timeline": [begun, {"at": day(-12), "what": "Submitted", "by": "Ada Lindqvist"}],
        "agreements": [],
        "grants": [],
        **more,
    }


def in_review(name: str = "a-review") -> Record:
    """Before two committees, with a vote, a question and a document."""
    return application(
        name,
        "in-review",
        deadline=day(78),
        waiting_for="Toxicology committee and Kidney committee decide.",
        datasets=[asked(SHUT, opinion="people"), asked(OTHER, opinion="allow")],
        matches=[
            {"dataset": SHUT["accession"], **MATCH},
            {"dataset": OTHER["accession"], **MATCH, "answer": "allow"},
        ],
        votes=[
            {
                "dataset": SHUT["accession"],
                "by": ref("p-con"),
                "vote": "approve",
                "reason": "The question is a good one, and liver is all they ask for.",
                "at": day(-2),
            }
        ],
        declarations=[
            {"by": ref("p-con"), "has_conflict": False, "text": "", "at": day(-3)},
        ],
        questions=[
            {
                "id": "q1",
                "by": {"id": "", "display_name": "Toxicology committee", "organisation": ""},
                "text": "Who else reaches the machine?",
                "at": day(-4),
                "answer": None,
            }
        ],
        documents=[
            {
                "name": "ethics.pdf",
                "title": "Decision of the ethics committee",
                "kind": "ethics",
                "size": 183_204,
                "sha256": "ab" * 32,
                "at": day(-13),
                "by": "Ada Lindqvist",
            }
        ],
    )


def approved() -> Record:
    """One dataset approved, one refused; terms wait to be accepted and signed."""
    agreements = [
        {"id": "data-use", "version": 2, "title": "Data use agreement", "text": AGREEMENT}
        | {"kind": "click", "accepted": False},
        {"id": "transfer", "version": 1, "title": "Contract with your organisation"}
        | {"text": AGREEMENT, "kind": "signed", "accepted": False},
    ]
    decisions = [
        {
            "dataset": SHUT["accession"],
            "committee": {"id": "c-rat", "name": "Toxicology committee"},
            "outcome": "approved",
            "at": day(-1),
            "reason": "The question is a good one.",
            "conditions": ["Results are shown to the sponsor four weeks before they are published"],
            "uses": ["view", "stream"],
            "end": day(548),
        },
        {
            "dataset": OTHER["accession"],
            "committee": {"id": "c-kid", "name": "Kidney committee"},
            "outcome": "refused",
            "at": day(-1),
            "reason": "Kidney is not needed for a question about the liver.",
            "conditions": [],
            "uses": None,
            "end": None,
        },
    ]
    return application(
        "a-approved",
        "approved",
        title="Foci of the liver, the second study",
        waiting_for="Before the data open: agreements are accepted; the organisation signs.",
        datasets=[asked(SHUT, "approved"), asked(OTHER, "refused")],
        signatory=ref("p-sig"),
        agreements=agreements,
        decisions=decisions,
    )


def applications() -> list[Record]:
    late = application(
        "a-late",
        "in-review",
        title="Vacuoles in the kidney of the rat",
        applicant=ref("p-sig"),
        deadline=day(-2),
        is_overdue=True,
        submitted=day(-92),
        waiting_for="Toxicology committee decides.",
        datasets=[asked(SHUT, opinion="deny")],
    )
    return [in_review(), late, approved()]


def grants() -> list[Record]:
    """The researcher's: open, held for a duty, and over."""
    person = {"person": "p-res", "person_shown": ref("p-res"), "reason": "Decision 7 of 2026"}
    title = {"dataset": SHUT["accession"], "dataset_title": SHUT["title"]}
    other = {"dataset": OTHER["accession"], "dataset_title": OTHER["title"]}
    return [
        {"id": "g1", **person, **title, "start": day(-300), "end": day(40), "revoked": None}
        | {"state": "active", "holds": [], "uses": ["view", "stream"], "application": "a-approved"}
        | {"conditions": ["Results are shown to the sponsor before they are published"]},
        {"id": "g2", **person, **other, "start": day(-100), "end": day(265), "revoked": None}
        | {"state": "suspended", "holds": ["duty"], "conditions": [], "application": ""}
        | {"uses": ["view", "stream", "download", "compute"]},
        {"id": "g3", **person, **title, "start": day(-900), "end": day(-500), "revoked": None}
        | {"state": "expired", "holds": [], "uses": ["view"], "conditions": [], "application": ""},
    ]


def duties() -> list[Record]:
    def duty(name: str, state: str, due: float, text: str) -> Record:
        return {
            "id": name,
            "grant": "g2",
            "dataset": {"accession": OTHER["accession"], "title": OTHER["title"]},
            "person": ref("p-res"),
            "kind": "report",
            "text": text,
            "clause": "",
            "due": day(due),
            "state": state,
            "evidence": None,
            "done_at": None,
            "consequence": "The grant is suspended until it is done.",
        }

    return [
        duty("d1", "open", 90, "Tell us where you published."),
        duty("d2", "overdue", -3, "Report once a year what the data were used for."),
    ]


def uses() -> list[Record]:
    return [
        {
            "id": f"u{number}",
            "title": title,
            "lay_summary": ANSWERS["lay_summary"],
            "organisation": organisation,
            "datasets": [{"accession": SHUT["accession"], "title": SHUT["title"]}],
            "start": day(-100),
            "end": day(265),
            "state": state,
        }
        for number, (title, organisation, state) in enumerate(
            [
                ("Foci of the liver", "Fjordheim University", "current"),
                ("Vacuoles in the kidney", "Institute of Invented Medicine", "ended-early"),
            ]
        )
    ]


def dataset_uses() -> list[Record]:
    return [
        {
            "grant": "g1",
            "person": ref("p-res"),
            "application": {"id": "a-approved", "title": "Foci of the liver"},
            "state": "active",
            "uses": ["view", "stream"],
            "start": day(-300),
            "end": day(40),
            "last_read": day(-0.1),
            "images_read": 212,
            "files_delivered": 0,
        }
    ]


def notices() -> list[Record]:
    return [
        {
            "id": "2",
            "at": day(-0.01),
            "kind": "question",
            "subject": "A committee asks you something",
            "text": "Toxicology committee asks about “Liver foci that a pathologist grades”.",
            "link": "/applications/a-review",
            "is_read": False,
        },
        {
            "id": "1",
            "at": day(-3),
            "kind": "duty",
            "subject": "A duty is overdue",
            "text": "Report once a year what the data were used for.",
            "link": "/access",
            "is_read": True,
        },
    ]


def agreements() -> list[Record]:
    return [
        {
            "id": "data-use",
            "version": 2,
            "kind": "click",
            "title": "Data use agreement",
            "text": AGREEMENT,
            "digest": "3c" * 32,
            "requires_reaccept": True,
            "since": day(-200),
            "for_datasets": [],
        }
    ]
