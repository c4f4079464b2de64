"""The fields of the table that describes a dataset as a whole: a name and a value each."""

from __future__ import annotations

from bigpicture.preparation.field import Field
from bigpicture.preparation.policy_fields import POLICY_FIELDS
from bigpicture.standard.form import EMAIL, NAME, Form
from bigpicture.standard.rule import Audience


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
    *POLICY_FIELDS,
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
