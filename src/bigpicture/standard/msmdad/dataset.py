"""Dataset (MSMdad 1), REMS entry (10), organisation (16): and every rule on an element."""

from __future__ import annotations

from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Severity
from bigpicture.standard.rule import CODE, Audience, FieldRule, rules
from bigpicture.standard.vocabularies import STUDY_LENGTH

_SOMETHING = r"(?s).*\S.*"

DATASET = rules(
    EntityKind.DATASET,
    [
        {
            "number": "1.2.1",
            "path": "tox_study_duration",
            "types": CODE,
            "audience": Audience.NON_CLINICAL,
            "vocabulary": STUDY_LENGTH,
        },
    ],
)

FIELDS = (
    FieldRule("1.1.2", EntityKind.DATASET, "description", _SOMETHING, "a description, or N/A"),
    FieldRule(
        "1.1.3",
        EntityKind.DATASET,
        "version",
        r"\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?",
        "a semantic version such as 1.0.0",
    ),
    FieldRule("1.1.6", EntityKind.DATASET, "title", _SOMETHING, "a title", Severity.ERROR),
    FieldRule("1.1.7", EntityKind.DATASET, "short_name", r".{1,25}", "1 to 25 characters"),
    FieldRule("1.1.12", EntityKind.DATASET, "types", r"Whole slide imaging", "Whole slide imaging"),
    FieldRule(
        "1.1.13",
        EntityKind.DATASET,
        "owner_email",
        r"N/A|[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}",
        "a general address for what goes wrong, or N/A",
    ),
    FieldRule("10.1.2", EntityKind.REMS, "workflow_id", r"\d+", "a whole number", Severity.ERROR),
    FieldRule("10.1.3", EntityKind.REMS, "organisation_id", _SOMETHING, "REMS' organisation"),
    FieldRule("16.1.2", EntityKind.ORGANISATION, "name", _SOMETHING, "the organisation's name"),
    FieldRule("16.1.3", EntityKind.ORGANISATION, "pic_code", r"\d{9}", "the 9 digits of the EU"),
    FieldRule(
        "16.1.4",
        EntityKind.ORGANISATION,
        "datamanager_group",
        _SOMETHING,
        "the group that may administer the dataset",
    ),
    FieldRule(
        "17.1.36",
        EntityKind.LANDING_PAGE,
        "rems_access_link",
        r"|https://\S+",
        "an address https://…; the repository fills it in",
    ),
)
