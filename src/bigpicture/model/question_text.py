r"""The written form of a question: `organ:liver AND NOT stain:"H&E" mpp<0.3`.

    question  = and { "OR" and }
    and       = not { [ "AND" ] not }
    not       = [ "NOT" | "-" ] ( "(" question ")" | condition | word )
    condition = field ":" ( value { "," value } | range ) | field ( "<" | "<=" | ">" | ">=" ) number
    range     = [ number ] ".." [ number ]
    value     = bare | '"' any letters, with \" and \\ '"'
    word      = bare | quoted

A range holds its lower end and not its upper one. `AND`, `OR` and `NOT` are in capitals; in any
other spelling they are words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum

from bigpicture.model.errors import InputError
from bigpicture.model.field import COMPANION, FIELDS, FieldKind, kind_of
from bigpicture.model.question import (
    EVERYTHING,
    And,
    AnyOf,
    Between,
    Not,
    Or,
    Question,
    Words,
    joined,
)

LONGEST = 4_000
"""Letters of a question."""
DEEPEST = 32
"""Brackets and NOTs in one another."""
MOST = 500
"""Conditions, values and words."""

_TOKEN = re.compile(
    r"""(?P<blank>\s+)|(?P<open>\()|(?P<close>\))|(?P<operator><=|>=|<|>|=|:)|(?P<comma>,)"""
    r"""|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s()":<>=,]+)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?", re.ASCII)
_PLAIN_WORD = re.compile(r"""[^\s()":<>=,\-][^\s()":<>=,]*""")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    def is_word(self, text: str) -> bool:
        return self.kind == "bare" and self.text == text


def parse_question(text: str) -> Question:
    """Read a question; raises `InputError`, which names the letter where it goes wrong."""
    if len(text) > LONGEST:
        raise InputError(
            f"a question of {len(text):,} letters is too long.",
            place="question",
            rule=f"at most {LONGEST:,} letters",
            remedy="Ask for less at once; a long list of images is a manifest, not a question.",
        )
    parser = _Parser(list(_tokens(text)), len(text))
    return parser.whole()


def write_question(question: Question) -> str:
    """The text that reads as this question."""
    return _write(question, _Within.NOTHING)


class _Parser:
    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = [*tokens, _Token("end", "", end)]
        self._at = 0
        self._depth = 0
        self._count = 0

    def whole(self) -> Question:
        if self._next.kind == "end":
            return EVERYTHING
        question = self._any()
        if self._next.kind != "end":
            raise _wrong(self._next, "a bracket closes that was never opened.", "Delete it.")
        return question

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        self._at += token.kind != "end"
        return token

    def _any(self) -> Question:
        parts = [self._all()]
        while self._next.is_word("OR"):
            self._take()
            parts.append(self._all())
        return joined(Or, parts)

    def _all(self) -> Question:
        parts = [self._one()]
        while not (self._next.kind in ("end", "close") or self._next.is_word("OR")):
            if self._next.is_word("AND"):
                self._take()
            parts.append(self._one())
        return joined(And, parts)

    def _one(self) -> Question:
        token = self._take()
        if token.is_word("NOT") or token.is_word("-"):
            return Not(self._deeper(token))
        if token.kind == "bare" and token.text.startswith("-"):
            self._at -= 1
            self._tokens[self._at] = _Token("bare", token.text[1:], token.at + 1)
            return Not(self._deeper(token))
        if token.kind == "open":
            inner = self._deeper(token, whole=True)
            if self._take().kind != "close":
                raise _wrong(token, "this bracket is never closed.", "Close it.")
            return inner
        if token.kind not in ("bare", "quoted") or (
            token.kind == "bare" and token.text in ("AND", "OR")
        ):
            raise _wrong(
                token,
                f"{_shown(token)} stands where a condition is expected.",
                'Write a word, or a condition such as organ:liver or stain:"H&E".',
            )
        if self._next.kind == "operator" and token.kind == "bare":
            return self._condition(token)
        self._counted(token)
        return Words((token.text,))

    def _deeper(self, token: _Token, *, whole: bool = False) -> Question:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _wrong(token, "it is nested too deeply.", f"At most {DEEPEST} in one another.")
        question = self._any() if whole else self._one()
        self._depth -= 1
        return question

    def _condition(self, field: _Token) -> Question:
        kind = kind_of(field.text)
        if kind is None:
            raise _unknown(field)
        operator = self._take()
        if operator.text in ("<", "<=", ">", ">="):
            return self._compared(field, kind, operator.text)
        values = [self._value(field)]
        while self._next.kind == "comma":
            self._take()
            values.append(self._value(field))
        if (found := _range_of(values)) is not None:
            _check_number(field, kind)
            return Between(field.text, *found)
        if kind is FieldKind.NUMBER:
            for value in values:
                _number(value)
        return AnyOf(field.text, tuple(value.text for value in values))

    def _value(self, field: _Token) -> _Token:
        token = self._take()
        self._counted(token)
        if token.kind in ("bare", "quoted") and token.text:
            if self._next.kind == "operator" and token.kind == "bare":
                raise _wrong(
                    token, "a value with a colon needs quotes.", f'Write {field.text}:"…".'
                )
            return token
        raise _wrong(
            token,
            f"{_shown(token)} stands where a value of {field.text} is expected.",
            f'Write {field.text}:value or {field.text}:"several words"; several apart by commas.',
        )

    def _compared(self, field: _Token, kind: FieldKind, operator: str) -> Question:
        _check_number(field, kind)
        number = _number(self._value(field))
        if operator.startswith("<"):
            return Between(field.text, high=number, with_high=operator == "<=")
        return Between(field.text, low=number, with_low=operator == ">=")

    def _counted(self, token: _Token) -> None:
        self._count += 1
        if self._count > MOST:
            raise _wrong(token, "it has too many conditions.", f"At most {MOST}.")


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            token = _Token("bare", text[at], at)
            raise _wrong(token, "a quotation mark is never closed.", "Close it.")
        kind = str(found.lastgroup)
        if kind != "blank":
            told = found[kind]
            yield _Token(kind, re.sub(r"\\(.)", r"\1", told) if kind == "quoted" else told, at)
        at = found.end()


def _range_of(values: list[_Token]) -> tuple[float | None, float | None] | None:
    """The ends of a range, where the only value is one."""
    found = _RANGE.fullmatch(values[0].text)
    if found is None or len(values) > 1 or values[0].kind != "bare":
        return None
    low, high = (_Token("bare", end, values[0].at) if end else None for end in found.groups())
    return _number(low) if low else None, _number(high) if high else None


def _number(token: _Token) -> float:
    number = float(token.text) if re.fullmatch(_NUMBER, token.text, re.ASCII) else math.nan
    if not math.isfinite(number):
        raise _wrong(token, f"{_shown(token)} is no number.", "Write it as 0.25 or 40.")
    return number


def _check_number(field: _Token, kind: FieldKind) -> None:
    if kind is FieldKind.TERM:
        raise _wrong(
            field, f"{field.text} holds no numbers.", f"Write {field.text}:value, without a range."
        )


def _unknown(field: _Token) -> InputError:
    close = get_close_matches(field.text.casefold(), FIELDS, n=1)
    meant = f"Write {close[0]}, if that is meant. " if close else ""
    return _wrong(
        field,
        f"there is no field {_shown(field)}.",
        f"{meant}Fields are {', '.join(FIELDS)} and {COMPANION}NAME; "
        "what has blanks or colons in it stands in quotes.",
    )


def _shown(token: _Token) -> str:
    return "the end" if token.kind == "end" else repr(token.text[:40])


def _wrong(token: _Token, what: str, remedy: str) -> InputError:
    return InputError(
        what, place=f"letter {token.at + 1} of the question", rule="question", remedy=remedy
    )


class _Within(IntEnum):
    """Where a part stands: the further down, the tighter it must hold together."""

    NOTHING = 0
    OR = 1
    AND = 2
    NOT = 3


def _write(question: Question, within: _Within) -> str:
    match question:
        case Words(words):
            told = " ".join(map(_quoted, words))
            return f"({told})" if within is _Within.NOT and len(words) > 1 else told
        case AnyOf(field, values):
            return f"{field}:{','.join(map(_quoted, values))}"
        case Between():
            return _write_between(question, within)
        case Not(part):
            return f"NOT {_write(part, _Within.NOT)}"
        case And(parts):
            told = " AND ".join(_write(part, _Within.AND) for part in parts)
            return f"({told})" if within >= _Within.AND else told
        case Or(parts):
            told = " OR ".join(_write(part, _Within.OR) for part in parts)
            return f"({told})" if within >= _Within.OR else told


def _write_between(question: Between, within: _Within) -> str:
    field, low, high = question.field, question.low, question.high
    if question.with_low and not question.with_high:
        return f"{field}:{_plain(low)}..{_plain(high)}"
    told: list[str] = []
    if low is not None:
        told.append(f"{field}{'>=' if question.with_low else '>'}{_plain(low)}")
    if high is not None:
        told.append(f"{field}{'<=' if question.with_high else '<'}{_plain(high)}")
    whole = " AND ".join(told)
    return f"({whole})" if len(told) > 1 and within >= _Within.AND else whole


def _plain(number: float | None) -> str:
    return "" if number is None else repr(number).removesuffix(".0")


def _quoted(text: str) -> str:
    if _PLAIN_WORD.fullmatch(text) and text not in ("AND", "OR", "NOT") and ".." not in text:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
