"""Beings in small classes are counted by hand, once each, and never by slides."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.metaflex import build
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Severity
from bigpicture.standard.anonymity import Traits, check_anonymity, classes, traits_of
from bigpicture.standard.companions.check import check_companions
from companion_tables import lay
from invented_submission import HUMAN, instead, observation, policy, submission

LIVER, LUNG = ("10200004", "Liver structure"), ("39607008", "Lung structure")
FAT, RARE = ("442685003", "Nonalcoholic steatohepatitis"), ("254637007", "Rare invented tumour")


def study(people, *, type_of_dataset="Clinical/Anonymized", slides=1):
    """Of each (age, site, diagnosis, sex) a being with its own specimen, blocks and slides."""
    samples, observed = [], []
    for number, (age, site, diagnosis, sex) in enumerate(people):
        being, case = f"being-{number}", f"case-{number}"
        samples.append(
            build.entity(
                EntityKind.BEING,
                being,
                stated=[
                    build.code_attribute("animal_species", HUMAN),
                    build.string_attribute("sex", sex),
                ],
            )
        )
        samples.append(
            build.entity(EntityKind.CASE, case, [build.reference("BIOLOGICAL_BEING_REF", being)])
        )
        span = [
            build.string_attribute("interval_start", age),
            build.string_attribute("interval_length", "P1Y"),
        ]
        samples.append(
            build.entity(
                EntityKind.SPECIMEN,
                f"specimen-{number}",
                [
                    build.reference("EXTRACTED_FROM_REF", being),
                    build.reference("PART_OF_CASE_REF", case),
                ],
                stated=[
                    build.set_attribute("age_at_extraction", span),
                    build.code_attribute("anatomical_site", Code(site[0], "SNOMED CT", site[1])),
                ],
            )
        )
        samples.append(
            build.entity(
                EntityKind.BLOCK,
                f"block-{number}",
                [build.reference("SAMPLED_FROM_REF", f"specimen-{number}")],
            )
        )
        samples += [
            build.entity(
                EntityKind.SLIDE,
                f"slide-{number}-{each}",
                [
                    build.reference("CREATED_FROM_REF", f"block-{number}"),
                    build.reference("STAINING_INFORMATION_REF", "staining-1"),
                ],
            )
            for each in range(slides)
        ]
        code = build.code_attribute("diagnosis", Code(diagnosis[0], "SNOMED CT", diagnosis[1]))
        observed.append(
            build.entity(
                EntityKind.OBSERVATION,
                f"observation-{number}",
                [
                    build.reference("SLIDE_REF", f"slide-{number}-0"),
                    build.statement("Diagnosis", "Distinct", codes=[code]),
                ],
            )
        )
    documents = instead("METADATA/sample.xml", *samples)
    documents |= {"METADATA/observation.xml": build.document(observed)}
    documents |= {"METADATA/policy.xml": build.document([policy(type_of_dataset=type_of_dataset)])}
    return read_submission(documents)


COMMON = ("P50Y", LIVER, FAT, "Female")


def test_beings_in_small_classes_are_counted_once():
    odd = [
        ("P51Y", LIVER, FAT, "Female"),
        ("P50Y", LUNG, RARE, "Male"),
        ("P50Y", LUNG, RARE, "Male"),
    ]
    [finding] = check_anonymity(study([COMMON] * 6 + odd, slides=3))
    assert (finding.rule, finding.severity) == ("BP-k-anonymity", Severity.WARNING)
    assert finding.what.startswith(
        "3 biological beings of 9 stand in a group of fewer than 5 by age, anatomical site, "
        "diagnosis and sex together, 1 of them alone (2 by anatomical site alone;"
    )
    assert "ages in decades would leave 2" in finding.remedy
    assert finding.remedy.endswith("Begin with being-6.")
    assert finding.place.file == "METADATA/dataset.xml"
    told = str(finding.as_json())
    assert not any(each in told for each in ("P51Y", "Rare", "254637007", "Lung", "Male"))


def test_where_all_are_like_four_others_nothing_is_said():
    others = [("P60Y", LUNG, RARE, "Male")] * 5
    assert list(check_anonymity(study([COMMON] * 5 + others))) == []
    [finding] = check_anonymity(study([COMMON] * 5 + others[1:]))
    assert finding.what.startswith("4 biological beings of 9")


def test_animals_and_handfuls_are_left_alone():
    odd = [(f"P{50 + each}Y", LIVER, FAT, "Female") for each in range(8)]
    assert list(check_anonymity(study(odd, type_of_dataset="Non-Clinical/Obscured"))) == []
    assert list(check_anonymity(study(odd[:4]))) == []
    [finding] = check_anonymity(study(odd))
    assert "8 biological beings of 8" in finding.what
    assert "by age together" in finding.what


def test_a_diagnosis_reaches_the_being_from_wherever_it_was_observed():
    seen = traits_of(read_submission(submission()))["being-1"]
    assert seen.diagnosis == {"diagnosis SNOMED CT 442685003"}
    on_image = instead("METADATA/observation.xml", observation(on=("IMAGE_REF", "image-1")))
    assert traits_of(read_submission(on_image))["being-1"] == seen
    assert (seen.age, seen.sex) == ({"P50Y/P10Y"}, "Female")
    assert seen.site == {"SNOMED CT 10200004"}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=40), st.integers(2, 6))
def test_classes_are_what_counting_pairs_says(pairs, k):
    traits = {f"b{at}": Traits(age=a, site=b) for at, (a, b) in enumerate(pairs)}
    found = classes(traits, ("age", "site"), k=k)
    alike = [sum(each == other for other in pairs) for each in pairs]
    assert len(found.small) == sum(count < k for count in alike)
    assert len(found.alone) == sum(count == 1 for count in alike)
    assert found.beings == len(pairs) == sum(Counter(pairs).values())


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), max_size=30))
def test_more_traits_never_make_fewer_stand_alone(triples):
    traits = {f"b{at}": Traits(age=a, site=b, sex=c) for at, (a, b, c) in enumerate(triples)}
    fewer = classes(traits, ("age",)).small
    assert set(fewer) <= set(classes(traits, ("age", "site")).small)
    assert set(fewer) <= set(classes(traits, ("age", "site", "sex")).small)


@pytest.mark.parametrize("order", [1, -1])
def test_the_answer_does_not_hang_on_the_order_of_sets(order):
    odd = [("P51Y", LIVER, FAT, "Female"), ("P52Y", LUNG, RARE, "Male")][::order]
    first, second = (list(check_anonymity(study([COMMON] * 5 + odd))) for _ in range(2))
    assert first == second


WORDS = """\
variable,value,label,type,entity,unit,minimum,maximum,established,quasi_identifier
being,,Being,key,being,,,,report,
stage,,Stage,category,,,,,report,yes
stage,I,Stage I,,,,,,,
stage,II,Stage II,,,,,,,
"""


@pytest.mark.parametrize(
    ("kind", "told"),
    [("Clinical/Anonymized", ["it is 7 of 12."]), ("Non-Clinical/Obscured", [])],
)
def test_a_companion_table_counts_with_what_the_metadata_state(tmp_path, kind, told):
    """Of stage I five women and two men, of stage II three and two: only the first five hide."""
    sexes = ["Female"] * 5 + ["Male"] * 2 + ["Female"] * 3 + ["Male"] * 2
    people = [("P50Y", LIVER, FAT, sex) for sex in sexes]
    rows = "".join(f"being-{number},{'I' if number < 7 else 'II'}\n" for number in range(12))
    places = lay(tmp_path, table="being,stage\n" + rows, dictionary=WORDS)
    found = check_companions(study(people, type_of_dataset=kind), places)
    assert [each.what[-14:] for each in found if each.rule == "BP-companion-rare"] == told
    assert all(each.what.startswith("0 of 12") for each in found)
