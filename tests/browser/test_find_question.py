"""The page's questions, changed by clicks and written as text, mean what the program reads."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bigpicture.model.question import And, AnyOf, Between, Not, Or, Question, Words, joined
from bigpicture.model.question_json import question_as_json, question_from_json
from bigpicture.model.question_text import parse_question, write_question
from places import REPOSITORY

WEB = REPOSITORY / "web"
LOADER = """
import { readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";
const [from, to] = process.argv.slice(2);
for (const name of ["question", "spans"]) {
  const { outputText } = ts.transpileModule(readFileSync(`${from}/${name}.ts`, "utf8"), {
    compilerOptions: { module: "ESNext", target: "ES2022", verbatimModuleSyntax: true },
  });
  writeFileSync(`${to}/${name}.mjs`, outputText.replaceAll('from "./spans"', 'from "./spans.mjs"'));
}
const question = await import(`${to}/question.mjs`);
const spans = await import(`${to}/spans.mjs`);
const calls = JSON.parse(readFileSync(0, "utf8"));
const ran = calls.map(([name, ...given]) => {
  if (name === "toggledSpan" || name === "narrowed") given[2] = spans.spanIn(given[2]);
  return question[name](...given);
});
console.log(JSON.stringify(ran));
"""


class Page:
    """The module of the page, run by Node; many calls at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loader = WEB / "node_modules" / ".find_question.mjs"

    def run(self, calls: list[list[Any]]) -> list[Any]:
        self.loader.write_text(LOADER)
        command = ["node", str(self.loader), str(WEB / "src/find"), str(self.folder)]
        try:
            told = subprocess.run(
                command, input=json.dumps(calls), capture_output=True, text=True, check=True
            )
        finally:
            self.loader.unlink(missing_ok=True)
        return json.loads(told.stdout)


@pytest.fixture
def page(tmp_path: Path) -> Page:
    if not shutil.which("node") or not (WEB / "node_modules/typescript").is_dir():
        pytest.skip("needs Node and web/node_modules: `npm ci` in web/")
    return Page(tmp_path)


VALUES = [
    "Liver",
    "H&E",
    "lymph node",
    'say "x"',
    "a:b",
    "OR",
    "-x",
    "a..b",
    "back\\slash",
    "SNOMED CT:1",
]


def invented(chance: random.Random, depth: int = 3) -> Question:
    kinds = ["words", "any", "between"] + ["not", "and", "or"] * (depth > 0)
    match chance.choice(kinds):
        case "words":
            words = [one for one in VALUES if one != "OR"]
            return Words(tuple(chance.sample(words, chance.randint(1, 3))))
        case "any":
            field = chance.choice(["organ", "stain", "diagnosis"])
            return AnyOf(field, tuple(chance.sample(VALUES, chance.randint(1, 3))))
        case "between":
            low = chance.choice([None, 0.25, 20.0, -3.0])
            high = (
                None if low is None and chance.random() < 0.2 else chance.choice([None, 30.0, 40.5])
            )
            if low is None and high is None:
                high = 7.0
            return Between(
                "mpp",
                low,
                high,
                low is None or chance.random() < 0.5,
                high is not None and chance.random() < 0.5,
            )
        case "not":
            return Not(invented(chance, depth - 1))
        case kind:
            parts = [invented(chance, depth - 1) for _ in range(chance.randint(2, 3))]
            return joined(And if kind == "and" else Or, parts)


def test_it_writes_what_the_program_writes(page):
    chance = random.Random(104)
    asked = [invented(chance) for _ in range(800)]
    # As the program would have read it: what it writes apart may be read as one.
    asked = [parse_question(write_question(one)) for one in asked]
    told = page.run([["written", question_as_json(one)] for one in asked])
    assert told == [write_question(one) for one in asked]


def test_a_click_and_the_same_click_leave_what_was(page):
    asked = parse_question("organ:Liver AND NOT stain:PAS AND mpp:0.2..0.3 fatty")
    as_json = question_as_json(asked)
    clicks = [("organ", ["Lung"]), ("stain", ["H&E"]), ("diagnosis", ["Adenoma", "X:1"])]
    once = page.run([["toggled", as_json, *click] for click in clicks])
    assert [write_question(question_from_json(one)) for one in once] == [
        "fatty AND organ:Liver,Lung AND NOT stain:PAS AND mpp:0.2..0.3",
        "fatty AND organ:Liver AND NOT stain:PAS AND mpp:0.2..0.3 AND stain:H&E",
        "fatty AND organ:Liver AND NOT stain:PAS AND mpp:0.2..0.3 AND diagnosis:Adenoma",
    ]
    twice = page.run([["toggled", one, *click] for one, click in zip(once, clicks, strict=True)])
    assert [question_from_json(one) for one in twice] == [asked] * 3


def test_what_is_left_out_is_taken_back_by_a_click(page):
    asked = question_as_json(parse_question("NOT stain:PAS,ER"))
    left = page.run([["toggled", asked, "stain", ["pas"]], ["turned", asked, 0]])
    assert [write_question(question_from_json(one)) for one in left] == [
        "NOT stain:ER",
        "stain:PAS,ER",
    ]


def test_ranges_grow_together_and_are_cut_exactly(page):
    begun = question_as_json(parse_question("age:20..30 organ:Liver"))
    grown, cut, narrowed, none = page.run(
        [
            ["toggledSpan", begun, "age", "30..40", False],
            [
                "toggledSpan",
                question_as_json(parse_question("age>=20 AND age<=50")),
                "age",
                "30..40",
                True,
            ],
            ["narrowed", begun, "age", "5..8"],
            ["narrowed", begun, "age", "no range"],
        ]
    )
    assert write_question(question_from_json(grown)) == "age:20..40 AND organ:Liver"
    # What was asked up to and with 50 still is.
    assert write_question(question_from_json(cut)) == "age:20..30 OR age>=40 AND age<=50"
    assert write_question(question_from_json(narrowed)) == "age:5..8 AND organ:Liver"
    assert write_question(question_from_json(none)) == "organ:Liver"


@pytest.mark.parametrize("seed", range(3))
def test_bars_taken_and_left_are_those_that_are_found(page, seed):
    """Against sets of whole numbers, by brute force."""
    chance = random.Random(seed)
    bars = [f"{n}..{n + 10}" for n in range(0, 90, 10)]
    calls: list[list[Any]] = []
    expected: list[set[int]] = []
    for _ in range(40):
        held = set(chance.sample(bars, chance.randint(1, 6)))
        parts = joined(Or, [parse_question(f"age:{one}") for one in sorted(held)])
        bar = chance.choice(bars)
        calls.append(["toggledSpan", question_as_json(parts), "age", bar, bar in held])
        expected.append({n for one in held ^ {bar} for n in range(*map(int, one.split("..")))})
    for told, numbers in zip(page.run(calls), expected, strict=True):
        found = {n for n in range(100) if _holds(question_from_json(told), n)}
        assert found == (numbers or set(range(100)))


def _holds(question: Question, number: int) -> bool:
    match question:
        case And(parts):
            return all(_holds(part, number) for part in parts)
        case Or(parts):
            return any(_holds(part, number) for part in parts)
        case Between(_, low, high, with_low, with_high):
            above = low is None or number > low or (with_low and number == low)
            return above and (high is None or number < high or (with_high and number == high))
        case _:
            raise AssertionError(question)


def test_a_question_moves_to_another_field(page):
    asked = parse_question("(diagnosis:Adenoma OR NOT diagnosis:Polyp) organ:Liver")
    (told,) = page.run([["renamed", question_as_json(asked), "diagnosis", "confirmed"]])
    assert write_question(question_from_json(told)) == (
        "(confirmed:Adenoma OR NOT confirmed:Polyp) AND organ:Liver"
    )
