"""A coded purpose: what somebody wants to do with data, for a policy to be matched."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.data_use import read_term


class Use(StrEnum):
    """What kind of work it is."""

    GENERAL = "general"
    HEALTH = "health"
    DISEASE = "disease"
    GENETIC = "genetic"
    DRUG = "drug-development"
    METHODS = "methods"
    ANCESTRY = "ancestry"
    CARE = "clinical-care"


class Sensitive(StrEnum):
    """What people always judge, whatever a policy says (the list of DUOS, and age groups)."""

    CONTROL = "control"
    POPULATION = "population"
    SEX = "sex-or-gender"
    AGE = "age-group"
    PAEDIATRIC = "paediatric"
    VULNERABLE = "vulnerable"
    ILLEGAL = "illegal-behaviour"
    SEXUAL_DISEASE = "sexual-disease"
    PSYCHOLOGICAL = "psychological"
    STIGMATISING = "stigmatising"
    NOT_HEALTH = "not-health"


class Prohibited(StrEnum):
    """What nobody may do with health data (EHDS: articles 54 and 61)."""

    DETRIMENT = "detrimental-decisions"
    DISCRIMINATION = "discriminatory-decisions"
    MARKETING = "marketing"
    HARM = "harmful-products"
    IDENTIFYING = "re-identification"


class OrganisationType(StrEnum):
    NOT_FOR_PROFIT = "not-for-profit"
    FOR_PROFIT = "for-profit"


@dataclass(frozen=True, slots=True)
class Worded:
    """A code as a form shows it; `duo` is the class of DUO that it is, where it is one."""

    label: str
    about: str
    duo: str = ""


USES = {
    Use.GENERAL: Worded("Any research", "Research not bound to health or to a disease."),
    Use.HEALTH: Worded(
        "Health or biomedical research", "Research into health in general.", "DUO:0000037"
    ),
    Use.DISEASE: Worded(
        "Research on a disease", "Research into the diseases that you name.", "DUO:0000040"
    ),
    Use.GENETIC: Worded("Genetic research", "Genes, variants, heredity.", "DUO:0000038"),
    Use.DRUG: Worded("Drug development", "Towards a medicine.", "DUO:0000039"),
    Use.METHODS: Worded(
        "Methods, software or AI", "Developing or testing methods, models, tools.", "DUO:0000031"
    ),
    Use.ANCESTRY: Worded("Ancestry", "Where populations come from.", "DUO:0000033"),
    Use.CARE: Worded("Clinical care", "Caring for patients, teaching it."),
}

SENSITIVE = {
    Sensitive.CONTROL: Worded(
        "Only as controls", "The data serve as reference or control.", "DUO:0000036"
    ),
    Sensitive.POPULATION: Worded(
        "A population", "One group of people is studied as such.", "DUO:0000032"
    ),
    Sensitive.SEX: Worded("Sex or gender", "One sex or gender is studied as such.", "DUO:0000035"),
    Sensitive.AGE: Worded("An age group", "One age group is studied as such.", "DUO:0000034"),
    Sensitive.PAEDIATRIC: Worded("Children", "Children or adolescents are studied."),
    Sensitive.VULNERABLE: Worded("Vulnerable people", "Such as prisoners, or refugees."),
    Sensitive.ILLEGAL: Worded("Illegal behaviour", "Such as crime, or illicit drugs."),
    Sensitive.SEXUAL_DISEASE: Worded("Sexually transmitted disease", "Or sexual behaviour."),
    Sensitive.PSYCHOLOGICAL: Worded("Psychological traits", "Such as intelligence."),
    Sensitive.STIGMATISING: Worded("Stigmatising traits", "What may harm a group's standing."),
    Sensitive.NOT_HEALTH: Worded("Nothing to do with health", "The aim lies outside health."),
}

PROHIBITED = {
    Prohibited.DETRIMENT: Worded("Decisions against a person", "Decisions that harm a person."),
    Prohibited.DISCRIMINATION: Worded(
        "Discrimination", "Worse terms of work, insurance or credit for a person or a group."
    ),
    Prohibited.MARKETING: Worded("Advertising or marketing", "To anybody."),
    Prohibited.HARM: Worded("Harmful products", "Products or services that harm people."),
    Prohibited.IDENTIFYING: Worded("Finding out who it is", "Re-identifying a person."),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody outside the applicant's organisation who gets the data, too; empty: not said."""

    organisation: str = ""
    country: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "country", self.country.strip().upper())


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedPurpose:
    """None, or an empty set of uses, is what was not said; it is never taken for a yes or a no.

    `diseases` are `SCHEME:CODE`; `country` is ISO 3166-1 alpha-2; `users` identify those who would
    work with the data; `has_approval` is whether an ethics committee approved it in writing.
    """

    uses: frozenset[Use] = frozenset()
    diseases: frozenset[str] = frozenset()
    is_commercial: bool | None = None
    country: str | None = None
    organisation_type: OrganisationType | None = None
    organisation: str | None = None
    users: frozenset[str] | None = None
    project: str | None = None
    months: int | None = None
    research_question: str | None = None
    has_approval: bool | None = None
    recipients: tuple[Recipient, ...] | None = None
    sensitive: frozenset[Sensitive] | None = None
    prohibited: frozenset[Prohibited] | None = None

    def __post_init__(self) -> None:
        diseases = frozenset(read_term(each) for each in self.diseases if each.strip())
        object.__setattr__(self, "diseases", diseases)
        object.__setattr__(self, "country", (self.country or "").strip().upper() or None)

    def as_json(self) -> dict[str, object]:
        """Return what is said in one form, for its digest."""
        listed = {
            name: None if held is None else sorted(held)
            for name in ("uses", "diseases", "users", "sensitive", "prohibited")
            for held in [getattr(self, name)]
        }
        same = (
            "is_commercial",
            "country",
            "organisation_type",
            "organisation",
            "project",
            "months",
            "research_question",
            "has_approval",
        )
        recipients = self.recipients
        return {
            **listed,
            **{name: getattr(self, name) for name in same},
            "recipients": None
            if recipients is None
            else [
                {"organisation": each.organisation, "country": each.country} for each in recipients
            ],
        }
