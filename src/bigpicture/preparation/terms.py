"""The terms of a dataset: what its policy says, and its landing page repeats."""

from __future__ import annotations

from datetime import date

from bigpicture.metaflex.policy import ROUTE, TIER
from bigpicture.metaflex.use_policy import (
    CONTROLLER,
    PERMIT,
    PROCESSOR,
    RETENTION,
    stated_terms,
)
from bigpicture.model.attribute import Attribute
from bigpicture.preparation.attributes import listed, string
from bigpicture.preparation.fields import BY_NAME
from bigpicture.preparation.plan import Plan
from bigpicture.preparation.policy_table import terms_of, tier_of
from bigpicture.standard.rule import Audience

POLICY_TEXT = (
    "Users work with these data only for the purpose that was approved, keep them safe, and do not "
    "pass them on. Nobody tries to find out who the people behind the data are. Results are "
    "published with the acknowledgement below. When the right of use ends, or when it is asked "
    "for, the data and all copies are deleted. Whoever notices a breach tells the data owner "
    "without delay."
)
ACKNOWLEDGEMENT = (
    "The whole-slide images were provided through the Bigpicture repository, a project of the "
    "Innovative Medicines Initiative 2 Joint Undertaking under grant agreement No 945358."
)


def policy_attributes(plan: Plan, *, today: date) -> tuple[Attribute, ...]:
    """MSMdad 9, in the order of the standard."""
    stated = [
        string("title", f"Terms of use of {plan.told('title')}"),
        string("type_of_dataset", plan.told("type_of_dataset")),
        string(TIER, tier_of(plan.dataset)),
        *_repeated(plan)[:1],
        string("policy_text", POLICY_TEXT),
    ]
    basis = plan.told("legal_basis")
    if basis or plan.audience is Audience.CLINICAL:
        stated.append(string("legal_basis_for_sharing_the_data", basis))
    return (
        *stated,
        string("terms_of_use_version", plan.told("terms_version") or today.isoformat()),
        *_repeated(plan)[1:],
        string("required_bigpicture_acknowledgment", ACKNOWLEDGEMENT),
        listed(
            "required_custom_acknowledgments",
            "required_custom_acknowledgment",
            plan.dataset.get("acknowledgement", ()),
        ),
        string("required_citation", plan.told("required_citation")),
        *_house(plan),
        *stated_terms(terms_of(plan.dataset)),
    )


def _house(plan: Plan) -> list[Attribute]:
    """Our own tags, each only where something is said: what is absent is not said."""
    said = (
        (ROUTE, "access_route"),
        (PERMIT, "permit_number"),
        (CONTROLLER, "controllers"),
        (PROCESSOR, "processors"),
        (RETENTION, "retention_until"),
    )
    return [string(tag, text) for tag, field in said for text in plan.dataset.get(field, ())]


def page_terms(plan: Plan) -> tuple[Attribute, ...]:
    """What a landing page repeats of the policy (MSMdad 17.1.35, 17.5)."""
    return (*_repeated(plan), string("policy_text", POLICY_TEXT))


def told(plan: Plan, field: str) -> str:
    """The value of a field, or its default."""
    return plan.told(field) or BY_NAME[field].default


def _repeated(plan: Plan) -> tuple[Attribute, ...]:
    return (
        string("type_of_access", told(plan, "type_of_access")),
        listed("allowed_uses", "allowed_use", plan.dataset.get("allowed_uses", ())),
        string("allowed_geographical_distribution", plan.told("geography")),
        string("duration_of_use", plan.told("duration_of_use")),
        string("defined_research_question_required", told(plan, "research_question_required")),
        string("informed_consent_form_defined_use_restrictions", plan.told("consent_restrictions")),
        string("custom_use_restrictions", plan.told("use_restrictions")),
    )
