"""What entered and left a cohort has its reason, and closed datasets show no image."""

from __future__ import annotations

from datetime import UTC, datetime

from bigpicture.catalogue.cohort_compare import Side, Why, World, compare
from bigpicture.model.cohort import Part
from bigpicture.model.question_text import parse_question

EARLY, FROZEN, LATE = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 3, 5))
LIVER, LUNG = parse_question("organ:liver"), parse_question("organ:lung")


def side(asked="abc", question=LIVER, **images):
    parts = {
        name: Part(name, f"The {name}", len(held), 6 if name != "few" else 2)
        for name, held in images.items()
    }
    listed = {name: sorted(held) for name, held in images.items()}
    return Side(listed, parts, frozenset(asked.split() if " " in asked else asked), question)


def world(opened="abc", **present):
    return World(
        published=dict.fromkeys("abc", EARLY) | {"new": LATE},
        opened=frozenset(opened.split() if " " in opened else opened),
        present={name: frozenset(held) for name, held in present.items()},
        titles={},
    )


def told(moved):
    return [(each.why, each.dataset, each.count, each.images) for each in moved]


def test_nothing_changed():
    found = compare(side(a="12"), side(a="21"), world(a="12"), frozen=FROZEN)
    assert (found.entered, found.left, found.kept, found.unseen) == ((), (), 2, ())


def test_each_reason_to_enter():
    before = side(asked="a", a="1")
    after = side(asked="a b new", a="12", b="5", new="9")
    found = compare(before, after, world("a b new", a="12", b="5", new="9"), frozen=FROZEN)
    assert told(found.entered) == [
        (Why.ANSWERS, "a", "1", ("2",)),
        (Why.GRANTED, "b", "1", ("5",)),
        (Why.PUBLISHED, "new", "1", ("9",)),
    ]
    changed = compare(before, side(question=LUNG, a="12"), world(a="12"), frozen=FROZEN)
    assert told(changed.entered) == [(Why.QUESTION, "a", "1", ("2",))]


def test_each_reason_to_leave():
    before = side(asked="a b c gone", a="123", b="456", c="7", gone="89")
    after = side(asked="a", a="1")
    found = compare(before, after, world("ab", a="12", b="456"), frozen=FROZEN)
    assert told(found.left) == [
        (Why.NO_ANSWER, "a", "1", ("2",)),
        (Why.ERASED, "a", "1", ("3",)),
        (Why.GRANT, "b", "3", ("4", "5", "6")),  # open to the one who asks, not to who froze
        (Why.GRANT, "c", "1", ()),
        (Why.WITHDRAWN, "gone", "2", ()),
    ]
    changed = compare(side(a="12"), side(question=LUNG, a="1"), world(a="12"), frozen=FROZEN)
    assert told(changed.left) == [(Why.QUESTION, "a", "1", ("2",))]


def test_what_is_closed_is_told_in_sum_or_not_at_all():
    before, after = side(c="12", few="34"), side(c="13", b="567")
    found = compare(before, after, world("a"), frozen=FROZEN)
    assert all(not each.images for each in (*found.entered, *found.left))
    # how c changed is not told: two sums would give single images away
    assert told(found.entered) == [(Why.ANSWERS, "b", "3", ())]
    assert told(found.left) == [(Why.WITHDRAWN, "few", "few", ())]
    assert [part.dataset for part in found.unseen] == ["c"]
    assert found.kept == 0
