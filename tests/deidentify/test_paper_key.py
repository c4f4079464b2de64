"""A key on paper is typed back as people type; each mistake is told with its line."""

from __future__ import annotations

import base64
import secrets

import pytest

from bigpicture.deidentify.paper_key import from_paper, to_paper
from bigpicture.model.errors import InputError

KEY = bytes(range(32))


def test_its_letters_are_the_base_32_of_the_secret():
    lines = [line.replace("-", "") for line in to_paper(KEY)]
    assert [len(line) for line in lines] == [16] * 4
    assert "".join(line[:13] for line in lines) == base64.b32encode(KEY).decode().rstrip("=")


@pytest.mark.parametrize("spelled", [str.lower, str.upper, lambda text: text.replace("-", "  ")])
def test_case_and_spaces_do_not_count(tmp_path, spelled):
    text = "# of a clinic\n\n" + "\n".join(
        f"{number}: {spelled(line)} " for number, line in enumerate(to_paper(KEY), 1)
    )
    assert from_paper(text, place=tmp_path).secret == KEY


def test_digits_that_look_like_letters_are_read_as_these(tmp_path):
    for _ in range(20):
        secret = secrets.token_bytes(32)
        text = "\n".join(to_paper(secret)).translate(str.maketrans("OIB", "018"))
        assert from_paper(text, place=tmp_path).secret == secret


def test_every_single_wrong_letter_is_told_with_its_line(tmp_path):
    lines = to_paper(KEY)
    for number, line in enumerate(lines):
        for at, letter in enumerate(line):
            if letter == "-":
                continue
            wrong = "A" if letter != "A" else "Q"
            typed = [*lines]
            typed[number] = line[:at] + wrong + line[at + 1 :]
            with pytest.raises(InputError, match=f"line {number + 1} has a mistake") as caught:
                from_paper("\n".join(typed), place=tmp_path)
            assert typed[number] not in str(caught.value)


@pytest.mark.parametrize("change", [lambda x: x[::-1], lambda x: x[:3], lambda x: [*x, x[0]]])
def test_lines_in_another_order_or_number_are_told(tmp_path, change):
    with pytest.raises(InputError, match="line"):
        from_paper("\n".join(change(to_paper(KEY))), place=tmp_path)
