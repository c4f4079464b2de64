"""Policies of the mock: told and matched by the rules themselves, with invented terms."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from bigpicture.access.data_use.duties import duties, last_day
from bigpicture.access.data_use.match import match
from bigpicture.access.data_use.words import tell
from bigpicture.api import guidelines, policy_preview
from bigpicture.api.policies import purposes
from bigpicture.api.policy_preview import FieldsGiven
from bigpicture.api.policy_shapes import MatchTold, PolicyTold, PurposeGiven
from bigpicture.model.data_use import DataUseTerm
from bigpicture.model.errors import UnknownError
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.use_policy import UsePolicy
from browser import mock_catalogue as catalogue

TODAY = date(2026, 3, 1)
ROUTES = [
    ("GET", "/api/v1/datasets/{accession}/policy", "get_policy"),
    ("POST", "/api/v1/datasets/{accession}/policy/match", "post_match"),
    ("GET", "/api/v1/purposes", "get_purposes"),
    ("GET", "/api/v1/policies/codes", "get_codes"),
    ("POST", "/api/v1/policies/preview", "post_preview"),
    ("GET", "/api/v1/guidelines", "get_guidelines"),
    ("GET", "/api/v1/guidelines/{name}", "get_guideline"),
]


def policy_of(accession: str) -> UsePolicy:
    """Open ones may be used for anything, the others for health and by nobody for profit."""
    dataset = next(each for each in catalogue.DATASETS if each["accession"] == accession)
    is_open = dataset["tier"] == "open"
    shut = (("HMB",), ("NPUNCU",), ("GS", "EEA", "CH"), ("TS", "24"), ("IRB",), ("PUB",))
    return UsePolicy(
        dataset_type=DatasetType.read(dataset["dataset_type"]),
        tier=AccessTier(dataset["tier"]),
        version="2026-01-15",
        type_of_access="Direct Access",
        allowed_uses=("Research Use",),
        geography="Worldwide",
        duration="Unlimited time",
        research_question_required=not is_open,
        consent_restrictions="",
        custom_restrictions="" if is_open else "No attempt may be made to uncover the sponsor.",
        acknowledgements=("The contributing hospitals and the people whose tissue this is.",),
        legal_basis="Informed Consent Form",
        controllers=("Sankt Aelred Hospital",),
        terms=tuple(DataUseTerm.of(*each) for each in ((("GRU",),) if is_open else shut)),
    )


class Policies:
    """The doors of policies."""

    world: Any
    json: Any
    body: Any
    problem: Any

    def get_policy(self, accession: str) -> None:
        if accession not in {each["accession"] for each in catalogue.DATASETS}:
            self.problem(404, "No dataset is known under this accession.")
            return
        policy = policy_of(accession)
        told = PolicyTold.of(policy, tell(policy), dataset=accession, version="1.0.0")
        self.json(told.model_dump(mode="json"))

    def post_match(self, accession: str) -> None:
        policy, given = policy_of(accession), PurposeGiven.model_validate(self.body())
        ends = last_day(policy, start=TODAY, months=given.months)
        found = match(policy, given.purpose(user=None))
        told = MatchTold.of(found, duties(policy, start=TODAY, end=ends), ends=ends)
        self.json(told.model_dump(mode="json"))

    def get_purposes(self) -> None:
        self.json(purposes().model_dump(mode="json"))

    def get_codes(self) -> None:
        self.json(policy_preview.codes().model_dump(mode="json"))

    def post_preview(self) -> None:
        given = self.body()
        self.world.previewed.append(given)
        node: Any = SimpleNamespace(terminologies=None)
        told = policy_preview.preview(node, FieldsGiven.model_validate(given))
        self.json(told.model_dump(mode="json"))

    def get_guidelines(self) -> None:
        self.json(guidelines.guidelines().model_dump(mode="json"))

    def get_guideline(self, name: str) -> None:
        try:
            self.json(guidelines.guideline(name).model_dump(mode="json"))
        except UnknownError:
            self.problem(404, "There is no such guideline.")
