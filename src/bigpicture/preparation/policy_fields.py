"""The fields that are the terms of use of a dataset, by the step in which they are chosen."""

from __future__ import annotations

from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.model.use_policy import AccessRoute
from bigpicture.preparation.field import Field, Step
from bigpicture.standard.form import DAY
from bigpicture.standard.msmdad.policy import ACCESS, AREAS, DURATIONS, USES
from bigpicture.standard.rule import TRUTH, Audience

_EVERYONE = Audience.EVERYONE

POLICY_FIELDS: tuple[Field, ...] = (
    Field(
        name="type_of_dataset",
        step=Step.DATA,
        heading="Type of dataset",
        help="Clinical (people) or non-clinical (animal studies), and how it was de-identified.",
        example=DatasetType.CLINICAL_PSEUDONYMIZED,
        audience=_EVERYONE,
        values=tuple(DatasetType),
        other_names=("dataset_type", "type"),
    ),
    Field(
        name="type_of_access",
        step=Step.ACCESS,
        heading="Type of access",
        help="Direct: people may look at the images. Indirect: programs come to the data, which is "
        "compute-only.",
        example=ACCESS[0],
        values=ACCESS,
        default=ACCESS[0],
    ),
    Field(
        name="access_tier",
        step=Step.ACCESS,
        heading="Open or controlled",
        help="Controlled: a committee decides on each application. Open: anyone may see it, which "
        "pseudonymised clinical data cannot be. Registered: a person's standing is enough. "
        "Compute-only: programs go to the data, nobody looks at them.",
        example=AccessTier.CONTROLLED,
        values=tuple(AccessTier),
        default=AccessTier.CONTROLLED,
    ),
    Field(
        name="allowed_uses",
        step=Step.USES,
        heading="Allowed uses",
        help="One or several, apart by semicolons.",
        example=USES[1],
        audience=_EVERYONE,
        values=USES,
        many=True,
        other_names=("allowed_use",),
    ),
    Field(
        name="geography",
        step=Step.LIMITS,
        heading="Where it may be used",
        help="In which countries users may be; a wider area includes the narrower.",
        example=AREAS[0],
        audience=_EVERYONE,
        values=AREAS,
        other_names=("allowed_geographical_distribution",),
    ),
    Field(
        name="duration_of_use",
        step=Step.LIMITS,
        heading="How long it may be used",
        help="Ask who wrote your agreement, if you do not know.",
        example=DURATIONS[2],
        audience=_EVERYONE,
        values=DURATIONS,
    ),
    Field(
        name="research_question_required",
        step=Step.USES,
        heading="Research question required",
        help="Whether an application must name its question.",
        example="True",
        values=TRUTH,
        default="True",
        other_names=("defined_research_question_required",),
    ),
    Field(
        name="legal_basis",
        step=Step.DATA,
        heading="Legal basis",
        help="Why the data may be shared. Required of pseudonymised clinical data.",
        example="Informed Consent Form",
        other_names=("legal_basis_for_sharing_the_data",),
    ),
    Field(
        name="consent_restrictions",
        step=Step.DATA,
        heading="Restrictions by consent",
        help="What the consent form excludes; empty where it excludes nothing.",
        other_names=("informed_consent_form_defined_use_restrictions",),
    ),
    Field(
        name="use_restrictions",
        step=Step.LIMITS,
        heading="Other restrictions",
        help="What else users must keep to; empty where there is nothing.",
        other_names=("custom_use_restrictions",),
    ),
    Field(
        name="acknowledgement",
        step=Step.RETURN,
        heading="Acknowledgement",
        help="A sentence that publications must carry beside Bigpicture's own.",
        many=True,
        other_names=("acknowledgment", "required_custom_acknowledgment"),
    ),
    Field(
        name="required_citation",
        step=Step.RETURN,
        heading="Required citation",
        help="A work that users must cite, ideally with its DOI.",
    ),
    Field(
        name="terms_version",
        step=Step.HOUSE,
        heading="Terms of",
        help="The day of these terms of use, YYYY-MM-DD.",
        example="2026-01-15",
        form=DAY,
        other_names=("terms_of_use_version",),
    ),
    Field(
        name="data_use",
        step=Step.USES,
        heading="Data use codes",
        help="Codes of GA4GH's Data Use Ontology (DUO), apart by semicolons: one permission, and "
        "what narrows it. What a code asks for follows it, apart by |.",
        example="HMB; NCU; GS: EEA | CH; TS: 24",
        many=True,
        other_names=("duo", "duo_codes", "data_use_codes", "data_use_code"),
    ),
    Field(
        name="access_route",
        step=Step.ACCESS,
        heading="Access rests on",
        help="What lets people in: a contract, the consent of those who gave the data, that they "
        "are public, or a permit of a health data access body (EHDS), which is compute-only.",
        example=AccessRoute.CONTRACT,
        values=tuple(AccessRoute),
        other_names=("route",),
    ),
    Field(
        name="permit_number",
        step=Step.ACCESS,
        heading="Permit number",
        help="Of the permit that a health data access body issued; empty where there is none.",
        example="HDAB-2030-0001",
        other_names=("permit",),
    ),
    Field(
        name="controllers",
        step=Step.HOUSE,
        heading="Controllers",
        help="Who decides why and how the data are used, and answers for it, apart by semicolons.",
        example="Invented University Hospital",
        many=True,
        other_names=("controller", "data_controller"),
    ),
    Field(
        name="processors",
        step=Step.HOUSE,
        heading="Processors",
        help="Who works with the data on their behalf, such as this repository, apart by "
        "semicolons.",
        example="Invented Repository",
        many=True,
        other_names=("processor", "data_processor"),
    ),
    Field(
        name="retention_until",
        step=Step.HOUSE,
        heading="Kept until",
        help="The day until which the data are kept, YYYY-MM-DD; empty where no day is set.",
        example="2046-12-31",
        form=DAY,
        other_names=("retention",),
    ),
)
