"""What is seen in invented texts of many languages, and what is not seen in pathology."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.standard.people.look import look
from bigpicture.standard.people.sighting import Kind
from people_texts import INNOCENT, MISSED, TELLING

KINDS = {"name": Kind.NAME, "birth": Kind.BIRTH, "number": Kind.NUMBER, "contact": Kind.CONTACT,
         "age": Kind.AGE}  # fmt: skip


@pytest.mark.parametrize(("language", "kind", "text", "stretch"), TELLING)
def test_what_tells_of_somebody_is_seen(language, kind, text, stretch):
    seen = [each for each in look(text) if each.kind is KINDS[kind]]
    assert any(stretch in each.of(text) or each.of(text) in stretch for each in seen), look(text)


@pytest.mark.parametrize("text", INNOCENT)
def test_pathology_is_nobodys_name(text):
    assert [each.of(text) for each in look(text)] == []


@pytest.mark.parametrize(("kind", "text"), MISSED)
def test_what_is_missed_is_known(kind, text):
    """When one is found one day, the docs and this list can say so."""
    assert KINDS[kind] not in {each.kind for each in look(text)}


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at_and_stretches_lie_inside_apart_and_in_order(text):
    seen = look(text, is_label=True)
    bounds = [(each.start, each.end) for each in seen]
    assert all(0 <= start < end <= len(text) for start, end in bounds)
    assert all(first[1] <= second[0] for first, second in pairwise(bounds))


@pytest.mark.parametrize(
    "hostile",
    [
        "a." * 60_000,
        "Dr. " * 40_000,
        "1 " * 60_000,
        "Anna " * 30_000,
        "\u0130" * 50_000,
        "12.03." * 30_000,
        "patient " * 30_000,
    ],
)
def test_a_hostile_text_takes_no_more_than_its_length(hostile):
    look(hostile)


def test_a_name_far_into_a_long_text_is_seen_once_and_at_its_place():
    text = "liver " * 9_000 + "Patient: Erika Quellenbrück. " + "liver " * 9_000
    [seen] = look(text)
    assert seen.of(text) == "Erika Quellenbrück"


@pytest.mark.parametrize(
    ("label", "is_seen"),
    [
        ("quellenbrueck_erika_01.dcm", True),
        ("erika-quellenbrueck", True),
        ("Quellenbrück^Erika", True),
        ("ERIKA_QUELLENBRUECK", True),
        ("slide-000123", False),
        ("BIGPICTURE_liver_H&E_12", False),
        ("IMAGES/IMAGE_image-1/level-0.dcm", False),
        ("3f2b8c1e-1111-4222-8333-944455566677", False),
        ("1.2.826.0.1.3680043.8.498.12345678901234567890123456789", False),
        ("masson_goldner_3", False),
        ("B19-12345_A1", False),
    ],
)
def test_labels_are_read_in_any_case(label, is_seen):
    assert bool(look(label, is_label=True)) == is_seen
