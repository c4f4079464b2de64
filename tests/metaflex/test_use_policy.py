"""A policy document read as data: the standard's fields, our own tags, and what is left unsaid."""

from __future__ import annotations

import pytest

from bigpicture.metaflex import build
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.use_policy import read_use_policy
from bigpicture.model.code import Code
from bigpicture.model.data_use import DataUseTerm
from bigpicture.model.errors import InputError
from bigpicture.model.policy import AccessTier
from bigpicture.model.use_policy import AccessRoute
from invented_submission import instead, policy

POLICY = "METADATA/policy.xml"


def stated(*more, **said):
    return read_submission(instead(POLICY, policy(*more, **said))).terms[0].stated


def text(tag, said):
    return build.string_attribute(tag, said)


def use(code, *values):
    members = [build.string_attribute("data_use_value", each) for each in values]
    return build.set_attribute(
        "data_use", [build.string_attribute("data_use_code", code), *members]
    )


def test_the_fields_of_the_standard():
    read = read_use_policy(stated())
    assert read.version == "2026-01-01"
    assert read.allowed_uses == ("Research Use",)
    assert (read.geography, read.duration) == ("Worldwide", "Unlimited time")
    assert read.research_question_required is False
    assert read.consent_restrictions == ""  # nil: it says that there are none
    assert read.citation == ""
    assert read.acknowledgements == ("Thank the project.",)
    assert read.tier is AccessTier.CONTROLLED


def test_what_no_tag_says_is_not_said():
    read = read_use_policy([each for each in stated() if each.tag == "type_of_dataset"])
    said = read.as_json()
    kept = {"format", "dataset_type", "tier", "version", "terms", "unread"}
    assert {name for name, value in said.items() if value is not None} == kept


def test_codes_of_data_use_with_their_values():
    disease = Code("0008903", "MONDO", "lung cancer")
    read = read_use_policy(
        stated(
            build.set_attribute(
                "data_use",
                [
                    build.code_attribute("data_use_code", Code("DUO:0000007", "DUO", "DS")),
                    build.code_attribute("data_use_value", disease),
                    build.string_attribute("data_use_value", "MONDO_0005015"),
                ],
            ),
            use("DUO_00000044"),
            use("gs", "de", " EU "),
            use("something else"),
        )
    )
    assert set(read.terms) == {
        DataUseTerm("DUO:0000007", ("MONDO:0005015", "MONDO:0008903")),
        DataUseTerm("DUO:0000044"),
        DataUseTerm("DUO:0000022", ("DE", "EU")),
        DataUseTerm("something else"),
    }


def test_the_house_that_answers_for_the_data():
    read = read_use_policy(
        stated(
            text("legal_basis_for_sharing_the_data", "Informed Consent Form"),
            text("data_controller", "House A"),
            text("data_controller", "House B"),
            text("data_processor", "Node"),
            text("retention_until", "2040-01-01"),
            text("access_route", "Contract"),
        )
    )
    assert read.controllers == ("House A", "House B")
    assert (read.processors, read.retention_until) == (("Node",), "2040-01-01")
    assert (read.route, read.legal_basis) == (AccessRoute.CONTRACT, "Informed Consent Form")


def test_a_route_that_nobody_knows_is_for_people():
    read = read_use_policy(stated(text("access_route", "by favour")))
    assert read.route is None
    assert read.unread == ("Access rests on: by favour",)


def test_a_permit_is_read_with_its_number_and_makes_the_data_compute_only():
    read = read_use_policy(
        stated(
            text("access_tier", "open"),
            text("access_route", "EHDS-permit"),
            text("permit_number", "HDAB-7"),
        )
    )
    assert (read.tier, read.permit_number) == (AccessTier.COMPUTE_ONLY, "HDAB-7")


def test_indirect_access_is_compute_only_whatever_the_tier_says():
    told = [each for each in stated(text("access_tier", "open")) if each.tag != "type_of_access"]
    indirect = stated(text("type_of_access", "Indirect Access"))[-1]
    read = read_use_policy([*told, indirect])
    assert read.tier is AccessTier.COMPUTE_ONLY


@pytest.mark.parametrize("tier", AccessTier)
def test_every_tier_is_read(tier):
    assert read_use_policy(stated(text("access_tier", tier.value.upper()))).tier is tier


def test_pseudonymised_data_that_say_open_are_refused():
    with pytest.raises(InputError, match="cannot be open"):
        read_use_policy(
            stated(text("access_tier", "open"), type_of_dataset="Clinical/Pseudonymized")
        )


def test_what_has_no_type_is_no_policy():
    assert read_use_policy(stated(type_of_dataset="Unknown")) is None
