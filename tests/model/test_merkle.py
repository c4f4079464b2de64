"""Merkle roots are those of RFC 6962, as the published vectors of transparency logs have them."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from bigpicture.model.merkle import merkle_root, split_digests
from places import shared

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("count", range(1, 9))
def test_published_roots(count):
    assert merkle_root(LEAVES[:count]).hex() == ROOTS[count - 1]


def test_of_nothing_it_is_the_digest_of_nothing():
    assert merkle_root([]) == hashlib.sha256(b"").digest()


def test_the_published_files_say_the_same():
    folder = shared("specs/merkle-vectors/inclusion")
    told = [json.loads(path.read_text()) for path in folder.glob("*/happy-path.json")]
    known = [(each["treeSize"], base64.b64decode(each["root"]).hex()) for each in told]
    assert known
    for size, root in known:
        if size <= len(ROOTS):
            assert root == ROOTS[size - 1]


def test_joined_digests_are_split():
    digests = [hashlib.sha256(bytes([n])).digest() for n in range(5)]
    assert list(split_digests(b"".join(digests))) == digests
