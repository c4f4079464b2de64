"""The fields of the table that describes a dataset as a whole: a name and a value each."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.standard.form import DAY, EMAIL, NAME, TEXT, Form
from bigpicture.standard.msmdad.policy import ACCESS, AREAS, DURATIONS, USES
from bigpicture.standard.rule import TRUTH, Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. `default` is taken where nothing is said; `many` values stand apart by `;`."""

    name: str
    heading: str
    help: str
    example: str = ""
    audience: Audience | None = None
    """Whom it is required of; None where nobody needs it."""
    values: tuple[str, ...] = ()
    form: Form = TEXT
    default: str = ""
    many: bool = False
    other_names: tuple[str, ...] = ()

    def is_required(self, audience: Audience) -> bool:
        return self.audience in (Audience.EVERYONE, audience)


def _is_alias(text: str) -> bool:
    return len(text) <= 60 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _digits(text: str) -> int:
    return sum(letter.isdigit() for letter in text)


def _is_version(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts)


_ALIAS = Form("letters, digits, - and _, at most 60", _is_alias)
_PIC = Form(
    "the 9 digits of the EU", lambda text: text.isascii() and len(text) == 9 == _digits(text)
)
_NUMBER = Form("a whole number", lambda text: text.isascii() and text.isdigit())
_VERSION = Form("a semantic version such as 1.0.0", _is_version)

_EVERYONE = Audience.EVERYONE

FIELDS: tuple[Field, ...] = (
    Field(
        name="alias",
        heading="Alias",
        help="A short name for machines, yours to choose. Keep it for later versions.",
        example="colon-2026",
        audience=_EVERYONE,
        form=_ALIAS,
        other_names=("dataset", "dataset_alias", "id"),
    ),
    Field(
        name="title",
        heading="Title",
        help="What a researcher reads first.",
        example="Colorectal biopsies 2015-2020",
        audience=_EVERYONE,
        other_names=("titel", "titre", "titulo", "titolo"),
    ),
    Field(
        name="short_name",
        heading="Short name",
        help="At most 25 characters. Left out, a short title serves.",
        example="ColonBiopsies",
        form=NAME,
    ),
    Field(
        name="description",
        heading="Description",
        help="What the slides show, how they were chosen, at most 250 words. No names, no dates.",
        example="Biopsies of the colon with the diagnosis of the pathology report.",
        audience=_EVERYONE,
        other_names=("beschreibung", "descripcion", "descrizione"),
    ),
    Field(
        name="type_of_dataset",
        heading="Type of dataset",
        help="Clinical (people) or non-clinical (animal studies), and how it was de-identified.",
        example=DatasetType.CLINICAL_PSEUDONYMIZED,
        audience=_EVERYONE,
        values=tuple(DatasetType),
        other_names=("dataset_type", "type"),
    ),
    Field(
        name="type_of_access",
        heading="Type of access",
        help="Direct Access is the only one in use.",
        example=ACCESS[0],
        values=ACCESS,
        default=ACCESS[0],
    ),
    Field(
        name="access_tier",
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
        heading="Where it may be used",
        help="In which countries users may be; a wider area includes the narrower.",
        example=AREAS[0],
        audience=_EVERYONE,
        values=AREAS,
        other_names=("allowed_geographical_distribution",),
    ),
    Field(
        name="duration_of_use",
        heading="How long it may be used",
        help="Ask who wrote your agreement, if you do not know.",
        example=DURATIONS[2],
        audience=_EVERYONE,
        values=DURATIONS,
    ),
    Field(
        name="research_question_required",
        heading="Research question required",
        help="Whether an application must name its question.",
        example="True",
        values=TRUTH,
        default="True",
        other_names=("defined_research_question_required",),
    ),
    Field(
        name="legal_basis",
        heading="Legal basis",
        help="Why the data may be shared. Required of pseudonymised clinical data.",
        example="Informed Consent Form",
        other_names=("legal_basis_for_sharing_the_data",),
    ),
    Field(
        name="consent_restrictions",
        heading="Restrictions by consent",
        help="What the consent form excludes; empty where it excludes nothing.",
        other_names=("informed_consent_form_defined_use_restrictions",),
    ),
    Field(
        name="use_restrictions",
        heading="Other restrictions",
        help="What else users must keep to; empty where there is nothing.",
        other_names=("custom_use_restrictions",),
    ),
    Field(
        name="acknowledgement",
        heading="Acknowledgement",
        help="A sentence that publications must carry beside Bigpicture's own.",
        many=True,
        other_names=("acknowledgment", "required_custom_acknowledgment"),
    ),
    Field(
        name="required_citation",
        heading="Required citation",
        help="A work that users must cite, ideally with its DOI.",
    ),
    Field(
        name="terms_version",
        heading="Terms of",
        help="The day of these terms of use, YYYY-MM-DD.",
        example="2026-01-15",
        form=DAY,
        other_names=("terms_of_use_version",),
    ),
    Field(
        name="center",
        heading="Center",
        help="The name of the contributing center as the public may read it.",
        example="Invented General Hospital",
        audience=_EVERYONE,
        other_names=("centre", "center_name", "zentrum", "hospital"),
    ),
    Field(
        name="contact_email",
        heading="Contact e-mail",
        help="An address of an office, not of a person, for what goes wrong.",
        example="data-office@hospital.example",
        audience=_EVERYONE,
        form=EMAIL,
        other_names=("email", "e_mail", "contact"),
    ),
    Field(
        name="keywords",
        heading="Keywords",
        help="At most 10, apart by semicolons.",
        example="colon; adenocarcinoma; biopsy",
        many=True,
        other_names=("keyword", "schlagworte", "mots_cles"),
    ),
    Field(
        name="geographical_area",
        heading="Origin",
        help="Where the people or animals come from, roughly: a country or a part of the world.",
        example="Northern Europe",
        many=True,
        other_names=("geographical_areas", "country"),
    ),
    Field(
        name="organisation",
        heading="Organisation",
        help="The legal name, as in the EU Funding and Tenders Portal. Only the node sees it.",
        example="Invented University Hospital",
        audience=_EVERYONE,
        other_names=("organization", "organisation_name"),
    ),
    Field(
        name="pic_code",
        heading="PIC code",
        help="The 9-digit participant code of that organisation in the EU portal.",
        example="999999999",
        audience=_EVERYONE,
        form=_PIC,
        other_names=("pic",),
    ),
    Field(
        name="data_manager_group",
        heading="Data manager group",
        help="The group that may administer the dataset; your node tells it.",
        example="00000000-0000-4000-8000-000000000000",
        audience=_EVERYONE,
        other_names=("datamanager_perun_group",),
    ),
    Field(
        name="rems_workflow",
        heading="REMS workflow",
        help="The number of the application process; your node tells it.",
        example="1",
        audience=_EVERYONE,
        form=_NUMBER,
        other_names=("workflow_id",),
    ),
    Field(
        name="rems_organisation",
        heading="REMS organisation",
        help="The organisation's name in REMS; your node tells it.",
        example="hospital",
        audience=_EVERYONE,
        other_names=("organisation_id",),
    ),
    Field(
        name="study_duration",
        heading="Study duration",
        help="Of an animal study, as an ISO 8601 duration: P28D is 28 days.",
        example="P28D",
        audience=Audience.NON_CLINICAL,
        other_names=("tox_study_duration",),
    ),
    Field(
        name="citation",
        heading="Cite as",
        help="How to cite the dataset. Left out, center, year and title serve.",
        other_names=("cite_as",),
        many=True,
    ),
    Field(
        name="references",
        heading="References",
        help="Works on this dataset, apart by semicolons.",
        many=True,
        other_names=("reference",),
    ),
    Field(
        name="version",
        heading="Version",
        help="1.0.0 at first; higher with each update.",
        example="1.0.0",
        form=_VERSION,
        default="1.0.0",
        other_names=("dataset_version",),
    ),
    Field(
        name="changes",
        heading="Changes",
        help="What this version changes.",
        example="First version.",
        default="First version.",
        other_names=("changelog",),
    ),
)

BY_NAME = {field.name: field for field in FIELDS}
