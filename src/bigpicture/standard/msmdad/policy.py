"""Policy (MSMdad 9). The type of dataset (9.1.4), and who needs a legal basis (9.5.2): `terms`."""

from __future__ import annotations

from bigpicture.model.entity import EntityKind
from bigpicture.standard.form import DAY
from bigpicture.standard.rule import SET, STRING, TRUTH, Nil, rules

ACCESS = ("Direct Access", "Indirect Access")
USES = (
    "Implementation of Bigpicture Project (IMI2-945358)",
    "Research Use",
    "Direct Exploitation",
)
AREAS = ("European Union and EEA countries", "Countries with GDPR adequacy", "Worldwide")
DURATIONS = (
    "Unlimited time",
    "Limited to the IMI Bigpicture project term",
    "Limited to the duration of purpose of data access request",
)

POLICY = rules(
    EntityKind.POLICY,
    [
        {"number": "9.1.3", "path": "title", "types": STRING},
        {"number": "9.1.5", "path": "type_of_access", "types": STRING, "values": ACCESS},
        {"number": "9.5.1", "path": "policy_text", "types": STRING},
        {
            "number": "9.5.2",
            "path": "legal_basis_for_sharing_the_data",
            "types": STRING,
            "nil": Nil.OMITTED,
        },
        {"number": "9.5.3", "path": "terms_of_use_version", "types": STRING, "form": DAY},
        {"number": "9.5.4", "path": "allowed_uses", "types": SET},
        {
            "number": "9.5.4.1",
            "path": "allowed_uses/allowed_use",
            "types": STRING,
            "values": USES,
            "repeats": True,
        },
        {
            "number": "9.5.5",
            "path": "allowed_geographical_distribution",
            "types": STRING,
            "values": AREAS,
        },
        {"number": "9.5.6", "path": "duration_of_use", "types": STRING, "values": DURATIONS},
        {
            "number": "9.5.7",
            "path": "defined_research_question_required",
            "types": STRING,
            "values": TRUTH,
        },
        {
            "number": "9.5.8",
            "path": "informed_consent_form_defined_use_restrictions",
            "types": STRING,
            "nil": Nil.ALWAYS,
        },
        {
            "number": "9.5.9",
            "path": "custom_use_restrictions",
            "types": STRING,
            "nil": Nil.ALWAYS,
        },
        {"number": "9.5.10", "path": "required_bigpicture_acknowledgment", "types": STRING},
        {
            "number": "9.5.11",
            "path": "required_custom_acknowledgments",
            "types": SET,
            "nil": Nil.ALWAYS,
        },
        {
            "number": "9.5.11.1",
            "path": "required_custom_acknowledgments/required_custom_acknowledgment",
            "types": STRING,
            "nil": Nil.ALWAYS,
            "repeats": True,
        },
        {"number": "9.5.12.1", "path": "required_citation", "types": STRING, "nil": Nil.ALWAYS},
    ],
)
