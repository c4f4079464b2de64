"""The written form of questions: what it means, what it refuses, and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.errors import InputError
from bigpicture.model.field import FIELDS, FieldKind
from bigpicture.model.question import (
    EVERYTHING,
    And,
    AnyOf,
    Between,
    Not,
    Or,
    Words,
    joined,
)
from bigpicture.model.question_json import question_as_json, question_from_json
from bigpicture.model.question_text import DEEPEST, LONGEST, MOST, parse_question, write_question

LIVER, HE = AnyOf("organ", ("liver",)), AnyOf("stain", ("H&E",))


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("", EVERYTHING),
        ("  ", EVERYTHING),
        ("organ:liver", LIVER),
        ('stain:"H&E"', HE),
        ("organ:liver stain:H&E", And((LIVER, HE))),
        ("organ:liver AND stain:H&E", And((LIVER, HE))),
        ("organ:liver OR stain:H&E", Or((LIVER, HE))),
        ("NOT organ:liver", Not(LIVER)),
        ("-organ:liver", Not(LIVER)),
        ("- organ:liver", Not(LIVER)),
        ("-(organ:liver OR stain:H&E)", Not(Or((LIVER, HE)))),
        # OR binds least, NOT most
        ("a OR organ:liver NOT stain:H&E", Or((Words(("a",)), And((LIVER, Not(HE)))))),
        ("(a OR organ:liver) stain:H&E", And((Or((Words(("a",)), LIVER)), HE))),
        ("((organ:liver))", LIVER),
        ("organ:liver,kidney", AnyOf("organ", ("liver", "kidney"))),
        ('organ:liver,"lymph node"', AnyOf("organ", ("liver", "lymph node"))),
        ('diagnosis:"SNOMED CT:408645001"', AnyOf("diagnosis", ("SNOMED CT:408645001",))),
        ("mpp:0.2..0.3", Between("mpp", 0.2, 0.3)),
        ("mpp:..0.3", Between("mpp", None, 0.3)),
        ("mpp:0.2..", Between("mpp", 0.2)),
        ("mpp<0.3", Between("mpp", high=0.3)),
        ("mpp<=0.3", Between("mpp", high=0.3, with_high=True)),
        ("mpp>0.3", Between("mpp", 0.3, with_low=False)),
        ("mpp>=0.3", Between("mpp", 0.3)),
        ("magnification:40", AnyOf("magnification", ("40",))),
        ("companion.ki67:20..40", Between("companion.ki67", 20, 40)),
        ("companion.grade:2,3", AnyOf("companion.grade", ("2", "3"))),
        ("companion.shift:-3", AnyOf("companion.shift", ("-3",))),
        # words; those that must all occur are one condition
        ("fatty liver", Words(("fatty", "liver"))),
        ("fatty AND liver", Words(("fatty", "liver"))),
        ('"lymph node" Ki-67', Words(("lymph node", "Ki-67"))),
        ("fatty organ:liver change", And((Words(("fatty", "change")), LIVER))),
        ("and or not", Words(("and", "or", "not"))),
        (r'"a \"b\" \\c"', Words((r'a "b" \c',))),
        ('"organ:liver"', Words(("organ:liver",))),
    ],
)
def test_what_a_text_means(text, question):
    assert parse_question(text) == question
    assert parse_question(write_question(question)) == question
    assert question_from_json(question_as_json(question)) == question


@pytest.mark.parametrize(
    ("text", "letter", "what"),
    [
        ("orgn:liver", 1, "no field 'orgn'"),
        ("organ:liver colour:red", 13, "no field 'colour'"),
        ("organ:", 7, "the end stands where a value of organ"),
        ("organ: OR a", 8, None),
        ("mpp:high", 5, "'high' is no number"),
        ("mpp<high", 5, "'high' is no number"),
        ("mpp:1e999", 5, "is no number"),
        ("organ:1..2", 1, "organ holds no numbers"),
        ("organ<2", 1, "organ holds no numbers"),
        ("(a", 1, "never closed"),
        ("a)", 2, "never opened"),
        ("()", 2, "where a condition is expected"),
        ("a OR", 5, "the end stands"),
        ("a OR OR b", 6, "'OR' stands"),
        ("AND a", 1, "'AND' stands"),
        ("NOT", 4, "the end stands"),
        ('a "b', 3, "quotation mark is never closed"),
        ("diagnosis:SNOMED:123", 11, "needs quotes"),
        ("a, b", 2, "',' stands"),
        ("<3", 1, "'<' stands"),
    ],
)
def test_what_is_wrong_is_told_by_its_letter(text, letter, what):
    if what is None:
        assert parse_question(text) == And((Words(("a",)), AnyOf("organ", ("OR",))))
        return
    with pytest.raises(InputError, match=what) as raised:
        parse_question(text)
    assert raised.value.place == f"letter {letter} of the question"
    assert raised.value.remedy


def test_a_misspelled_field_is_answered_with_the_one_that_was_meant():
    with pytest.raises(InputError) as raised:
        parse_question("diagnoses:x")
    assert raised.value.remedy.startswith("Write diagnosis, if that is meant.")


@pytest.mark.parametrize(
    "text",
    [
        "(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1),
        "NOT " * (DEEPEST + 1) + "a",
        "-" * (DEEPEST + 1) + "a",
        "organ:" + ",".join(["a"] * (MOST + 1)),
        "a " * (MOST + 1),
        "x" * (LONGEST + 1),
        "(" * LONGEST,
    ],
    ids=["brackets", "nots", "minuses", "values", "words", "letters", "only brackets"],
)
def test_what_is_too_much_is_refused(text):
    with pytest.raises(InputError):
        parse_question(text)


@given(st.text(max_size=60) | st.text(alphabet='ab:"()<>=,.-* \\ORANDT12organmpp', max_size=60))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    try:
        question = parse_question(text)
    except InputError:
        return
    assert parse_question(write_question(question)) == question
    assert question_from_json(question_as_json(question)) == question


TEXTS = st.text(min_size=1, max_size=8).filter(str.strip)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)
NUMERIC = [name for name, each in FIELDS.items() if each.kind is FieldKind.NUMBER]
TERMS = [name for name, each in FIELDS.items() if each.kind is FieldKind.TERM]
LEAVES = (
    st.builds(Words, st.lists(TEXTS, min_size=1, max_size=3).map(tuple))
    | st.builds(AnyOf, st.sampled_from(TERMS), st.lists(TEXTS, min_size=1, max_size=3).map(tuple))
    | st.builds(Between, st.sampled_from(NUMERIC), NUMBERS, st.none() | NUMBERS)
    | st.builds(Between, st.sampled_from(NUMERIC), high=NUMBERS, with_high=st.booleans())
)
QUESTIONS = st.recursive(
    LEAVES,
    lambda parts: (
        st.builds(Not, parts)
        | st.lists(parts, min_size=2, max_size=3).map(lambda each: joined(And, each))
        | st.lists(parts, min_size=2, max_size=3).map(lambda each: joined(Or, each))
    ),
    max_leaves=12,
)


@given(QUESTIONS)
def test_any_question_survives_both_forms(question):
    assert question_from_json(question_as_json(question)) == question
    text = write_question(question)
    if len(text) <= LONGEST:
        assert parse_question(text) == question


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ([], "question"),
        ({"or": []}, "or"),
        ({"and": [{"words": ["a"]}, {"word": ["b"]}]}, "and[1]"),
        ({"and": [{"field": "organ", "in": ["a", 2]}]}, "and[0].in[1]"),
        ({"field": "colour", "in": ["red"]}, "field"),
        ({"field": "organ", "from": 2}, "field"),
        ({"field": "mpp", "in": ["x"]}, "in[0]"),
        ({"field": "mpp", "from": "0.2"}, None),
        ({"field": "mpp", "from": True}, "from"),
        ({"field": "mpp", "from": float("nan")}, "from"),
        ({"field": "mpp", "to": 10**400}, "to"),
        ({"field": "mpp", "from": 1, "after": 1}, "question"),
        ({"not": 3}, "not"),
        ({"words": ["  "]}, "words[0]"),
        ({"regex": "a*"}, "question"),
    ],
)
def test_json_that_is_no_question_is_told_by_its_path(given, place):
    if place is None:
        assert question_from_json(given) == Between("mpp", 0.2)
        return
    with pytest.raises(InputError) as raised:
        question_from_json(given)
    assert raised.value.place == place


def test_json_that_is_nested_too_deeply_is_refused():
    nested = {"words": ["a"]}
    for _ in range(2000):
        nested = {"not": nested}
    with pytest.raises(InputError, match="too deeply"):
        question_from_json(nested)
