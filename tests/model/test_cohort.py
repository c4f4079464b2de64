"""What a frozen list is called by, and how a split is written."""

from __future__ import annotations

import subprocess

import pytest

from bigpicture.model.cohort import count_parts, digest_of
from bigpicture.model.errors import InputError
from bigpicture.model.split import PER_WHOLE, parse_parts

LIST = ["bb-image-zzzzzz-zzzzzz", "bb-image-aaaaaa-aaaaaa", "bb-image-mmmmmm-mmmmmm"]


def test_the_digest_is_what_the_tools_of_a_shell_say():
    told = subprocess.run(
        "LC_ALL=C sort | sha256sum",
        shell=True,
        input="".join(f"{each}\n" for each in LIST),
        capture_output=True,
        text=True,
        check=True,
    )
    assert digest_of(LIST) == told.stdout.split()[0]
    assert digest_of(reversed(LIST)) == digest_of(LIST)


def test_parts_count_beings_once_each():
    parts = count_parts(["b", "b", "a", "b"], ["x", "x;y", "x", "z"], {"b": "The b"})
    assert [(part.dataset, part.title, part.images, part.beings) for part in parts] == [
        ("a", "", 1, 1),
        ("b", "The b", 3, 3),
    ]


def test_shares_are_exact():
    parts = parse_parts("train:0.7, tune:0.1,test:0.2")
    assert [(part.name, part.share) for part in parts] == [
        ("train", 700_000),
        ("tune", 100_000),
        ("test", 200_000),
    ]
    assert parse_parts("a:7,b:1,c:2") == parse_parts("a:0.7,b:0.1,c:0.2")
    assert sum(part.share for part in parse_parts("a:1,b:1,c:1")) == PER_WHOLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "train",
        "train:1",
        "train:0.5,train:0.5",
        "a:0,b:1",
        "a:-1,b:2",
        "a:nan,b:1",
        "a:x,b:1",
        "a:1e400,b:1",
        "a b:1,c:1",
        "../a:1,b:1",
        ",".join(f"p{n}:1" for n in range(21)),
    ],
)
def test_what_is_no_split_is_refused(text):
    with pytest.raises(InputError) as caught:
        parse_parts(text)
    assert caught.value.place == "parts"
