"""The policy of an invented dataset, and the words its landing page shares with it."""

from __future__ import annotations

from bigpicture.metaflex.build import code_attribute, entity, set_attribute, string_attribute
from bigpicture.metaflex.tree import Element
from bigpicture.metaflex.use_policy import CODE, DATA_USE
from bigpicture.model.code import Code
from bigpicture.model.data_use import GRU, HMB, NCU, PUB, DataUseCode
from bigpicture.model.entity import EntityKind
from bigpicture.phantom.made import dataset_ref
from bigpicture.phantom.study import Study

_USES = "Research Use"
_POLICY_TEXT = (
    "Invented data for demonstration. Users keep to the purpose of their application, do not pass "
    "the data on, and delete them when their access ends."
)
_ACKNOWLEDGEMENT = "This work used invented slides made by the bigpicture phantom."


def policy(study: Study) -> Element:
    basis = "Informed Consent Form" if study.type.is_clinical else "Not personal data"
    stated = [
        string_attribute("title", f"Terms of use of {study.short_name}"),
        string_attribute("type_of_dataset", study.type.value),
        string_attribute("access_tier", study.tier.value),
        *map(_data_use, _data_uses(study)),
        string_attribute("legal_basis_for_sharing_the_data", basis),
        string_attribute("terms_of_use_version", "2026-01-15"),
        *terms_of_use(),
        string_attribute("required_bigpicture_acknowledgment", _ACKNOWLEDGEMENT),
        set_attribute("required_custom_acknowledgments", None),
        string_attribute("required_citation", None),
    ]
    return entity(EntityKind.POLICY, f"{study.alias}-policy", [dataset_ref(study)], stated=stated)


def _data_uses(study: Study) -> tuple[DataUseCode, ...]:
    """What the terms say in codes of DUO; of people more than of animals."""
    return (HMB, NCU, PUB) if study.type.is_clinical else (GRU,)


def _data_use(code: DataUseCode) -> Element:
    meant = Code(code.code, "DUO", code.name)
    return set_attribute(DATA_USE, [code_attribute(CODE, meant)])


def terms_of_use() -> list[Element]:
    """What policy and landing page say alike."""
    return [
        string_attribute("type_of_access", "Direct Access"),
        string_attribute("policy_text", _POLICY_TEXT),
        set_attribute("allowed_uses", [string_attribute("allowed_use", _USES)]),
        string_attribute("allowed_geographical_distribution", "Worldwide"),
        string_attribute("duration_of_use", "Unlimited time"),
        string_attribute("defined_research_question_required", "False"),
        string_attribute("informed_consent_form_defined_use_restrictions", None),
        string_attribute("custom_use_restrictions", None),
    ]
