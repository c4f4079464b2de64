"""The authorisation matrix: who is answered how, at every door, of which dataset.

A door that does not name a dataset is a row of `test_matrix.TABLE`. One that does is a row here;
for each the rule says what each caller hears of each dataset. One line a door.
"""

from __future__ import annotations

from dataclasses import dataclass

CALLERS = (
    "anonymous",
    "registered",
    "applicant",
    "member without accepted terms",
    "active",
    "suspended",
    "expired by a second",
    "revoked",
    "other committee",
    "reviewer with a conflict",
    "provider",
    "auditor",
    "admin",
)
ROLE_OF = {
    "anonymous": "anonymous",
    "active": "granted",
    "expired by a second": "expired",
    "revoked": "revoked",
    "other committee": "committee",
    "reviewer with a conflict": "committee",
    "provider": "contributor",
    "auditor": "auditor",
    "admin": "steward",
}
"""Callers by what `test_matrix.TABLE` calls them; all others are researchers there."""

DATASETS = ("open", "own", "other", "withdrawn", "embargoed", "sealed")
"""`own` and what follows are those that callers stand in their relation to; of `other`, which is
controlled too, they are nothing, but what their role makes them."""

COMMITTEE_OF = {"own": "reviewer with a conflict", "other": "other committee"}
"""Who sits on the committee of a dataset."""
INSIDERS = frozenset({"provider", "auditor", "admin"})
REASONS = {
    "anonymous": "sign-in",
    "member without accepted terms": "pending",
    "suspended": "suspended",
}
"""Why an own dataset does not open; to all others: grant."""


@dataclass(frozen=True)
class Rule:
    """`granted` is answered to who may, `denied` where not even a refusal is due (a search)."""

    granted: int = 200
    denied: int | None = None
    is_public: bool = False
    """What of a dataset everybody may read who may know of it."""
    is_worlds: bool = False
    """The same for everybody: what is hidden is hidden from all."""
    withdrawn: int = 403

    def expects(self, caller: str, dataset: str) -> int:
        if dataset == "embargoed" and (self.is_worlds or caller not in INSIDERS):
            return self.denied or 404
        if dataset == "withdrawn":
            return self.denied or self.withdrawn
        if self.is_public or dataset == "open":
            return self.granted
        if dataset == "sealed":
            return self.denied or 403
        if caller == "active" and dataset == "own":
            return self.granted
        return self.denied or (401 if caller == "anonymous" else 403)

    def reason(self, caller: str, dataset: str) -> str | None:
        """What a refusal of 401 or 403 names as its reason."""
        if dataset in ("withdrawn", "sealed"):
            return dataset
        in_own = dataset in ("own", "embargoed")
        if caller == "anonymous" or in_own:
            return REASONS.get(caller, "grant")
        return "grant"


@dataclass(frozen=True)
class Stewards:
    """A steward's act on a dataset, asked wrongly: `answered` says that the door was open."""

    answered: int = 422

    def expects(self, caller: str, dataset: str) -> int:
        del dataset
        if caller == "anonymous":
            return 401
        return self.answered if caller == "admin" else 403

    def reason(self, caller: str, dataset: str) -> str | None:
        del caller, dataset
        return None


@dataclass(frozen=True)
class Concerned:
    """An act on who is granted a dataset: a steward's, or its committee's."""

    answered: int = 200

    def expects(self, caller: str, dataset: str) -> int:
        if caller == "anonymous":
            return 401
        is_concerned = caller == "admin" or COMMITTEE_OF.get(dataset) == caller
        return self.answered if is_concerned else 403

    def reason(self, caller: str, dataset: str) -> str | None:
        del caller, dataset
        return None


@dataclass(frozen=True)
class Answering:
    """For those who answer for a dataset; for others there is no such thing."""

    def expects(self, caller: str, dataset: str) -> int:
        if caller == "anonymous":
            return 401
        answers = caller in ("auditor", "admin") or COMMITTEE_OF.get(dataset) == caller
        is_providers = caller == "provider" and dataset not in ("open", "other")
        return 200 if answers or is_providers else 404

    def reason(self, caller: str, dataset: str) -> str | None:
        del caller, dataset
        return None


READ = Rule()
READ_IN_VAIN = Rule(granted=404)
SEARCH = Rule(denied=204)
FACE = Rule(is_public=True)
LANDING = Rule(is_public=True, withdrawn=200)
WORLDS = Rule(is_public=True, is_worlds=True)

_STUDY = "/dicomweb/studies/{study}"
_SERIES = f"{_STUDY}/series/{{series}}"
_INSTANCE = f"{_SERIES}/instances/{{instance}}"

DOORS = [
    ("GET", "/api/v1/datasets/{dataset}", None, LANDING),
    ("GET", "/api/v1/datasets/{dataset}/policy", None, FACE),
    ("POST", "/api/v1/datasets/{dataset}/policy/match", {"uses": ["health"]}, FACE),
    ("GET", "/api/v1/datasets/{dataset}/thumbnails/0", None, FACE),
    ("GET", "/api/v1/datasets/{dataset}/metadata.jsonld", None, WORLDS),
    ("GET", "/api/v1/datasets/{dataset}/metadata.linkset.json", None, WORLDS),
    (
        "POST",
        "/api/v1/datasets/{dataset}/standing",
        {"standing": "embargoed", "reason": "r"},
        Stewards(),
    ),
    ("GET", "/api/v1/datasets/{dataset}/uses", None, Answering()),
    ("GET", "/api/v1/datasets/{dataset}/barred", None, Concerned()),
    ("DELETE", "/api/v1/datasets/{dataset}/barred/nobody", {"reason": "r"}, Concerned(404)),
    ("PUT", "/api/v1/committees/none/datasets/{dataset}", None, Stewards(404)),
    ("DELETE", "/api/v1/committees/none/datasets/{dataset}", None, Stewards(404)),
    ("GET", "/api/v1/datasets/{dataset}/images", None, READ),
    ("GET", "/api/v1/datasets/{dataset}/report", None, READ),
    ("GET", "/api/v1/datasets/{dataset}/files", None, READ),
    ("GET", "/files/{dataset}/document-dataset", None, READ),
    ("GET", "/files/{dataset}/{key}-0-0", None, READ),
    ("HEAD", "/files/{dataset}/{key}-0-0", None, READ),
    ("GET", "/files/{dataset}/document-rems", None, READ_IN_VAIN),
    ("GET", "/api/v1/images/{image}", None, READ),
    ("GET", "/api/v1/images/{image}/thumbnail", None, READ),
    ("GET", "/api/v1/images/{image}/results", None, READ),
    ("GET", "/tiles/{image}/0/0_0", None, READ),
    ("HEAD", "/tiles/{image}/0/0_0", None, READ),
    ("GET", "/tiles/{image}/9/0_0", None, READ_IN_VAIN),
    ("GET", "/tiles/{image}/0/0_0-1_1", None, READ),
    ("POST", "/tiles/{image}/0", [[0, 0]], READ),
    ("GET", "/regions/{image}?region=0,0,9,9", None, READ),
    ("GET", "/iiif/3/{image}/info.json", None, READ),
    ("GET", "/iiif/3/{image}/0,0,9,9/max/0/default.jpg", None, READ),
    ("GET", "/deepzoom/{image}.dzi", None, READ),
    ("GET", "/deepzoom/{image}_files/0/0_0.jpeg", None, READ),
    ("GET", f"{_STUDY}/series", None, SEARCH),
    ("GET", f"{_SERIES}/instances", None, SEARCH),
    ("GET", f"{_STUDY}/metadata", None, READ),
    ("GET", f"{_SERIES}/metadata", None, READ),
    ("GET", f"{_INSTANCE}/metadata", None, READ),
    ("GET", _STUDY, None, READ),
    ("GET", _SERIES, None, READ),
    ("GET", _INSTANCE, None, READ),
    ("HEAD", _INSTANCE, None, READ),
    ("GET", f"{_INSTANCE}/frames/1,2", None, READ),
    ("GET", f"{_INSTANCE}/pixeldata", None, READ),
    ("GET", f"{_INSTANCE}/rendered", None, READ),
    ("GET", f"{_SERIES}/rendered", None, READ),
    ("GET", f"{_STUDY}/thumbnail", None, READ),
    ("GET", f"{_INSTANCE}/thumbnail", None, READ),
    ("GET", f"{_INSTANCE}/frames/1/rendered", None, READ),
    ("GET", f"{_INSTANCE}/bulkdata/00282000", None, READ_IN_VAIN),
]
