"""What sealed objects hold to: sealed on the way in, opened by ranges, on any kind of place."""

from __future__ import annotations

import asyncio
import hashlib
import random

import pytest

from bigpicture.model.errors import IntegrityError
from bigpicture.sealing.keys import make_key_pair
from bigpicture.sealing.open import RangeOpener, open_body, open_header
from bigpicture.sealing.seal import Sealer
from bigpicture.sealing.segments import SEALED_SEGMENT, SEGMENT

PAIR = make_key_pair()
SIZE = 9 * (1 << 20) + 12_345  # past one part of a multipart upload, and no whole segment


class SealedObjectsContract:
    """Subclasses give `objects`: an empty store."""

    @pytest.fixture
    def objects(self):
        raise NotImplementedError

    @pytest.fixture
    def plain(self):
        return random.Random(7).randbytes(SIZE)

    def _keep(self, objects, plain):
        sealer = Sealer([PAIR.public])
        pieces = (plain[start : start + 700_001] for start in range(0, len(plain), 700_001))
        objects.put("sealed", sealer.seal(pieces))
        assert sealer.size == SIZE
        assert sealer.sha256 == hashlib.sha256(plain).hexdigest()
        return open_header(sealer.header, PAIR)

    def test_any_range_comes_back(self, objects, plain):
        data_key = self._keep(objects, plain)
        opener = RangeOpener(objects.source("sealed"), data_key, SIZE)
        tail = SIZE % SEGMENT
        ranges = [
            (0, 1), (0, SEGMENT), (SEGMENT - 1, 2), (SEGMENT, SEGMENT), (100_000, 12_500),
            (SIZE - tail, tail), (SIZE - tail - 1, 2), (SIZE - 1, 1), (SIZE, 0), (0, SIZE),
        ]  # fmt: skip
        for offset, length in ranges:
            expected = plain[offset : offset + length]
            assert opener.read(offset, length) == expected
            assert asyncio.run(opener.aread(offset, length)) == expected

    def test_the_whole_comes_back(self, objects, plain):
        data_key = self._keep(objects, plain)
        opened = hashlib.sha256()
        for segment in open_body(objects.stream("sealed"), data_key, SIZE):
            opened.update(segment)
        assert opened.hexdigest() == hashlib.sha256(plain).hexdigest()

    def test_the_store_sees_no_plaintext(self, objects):
        needle = b"Ada Invented, born 1815-12-10, ward 7"
        sealer = Sealer([PAIR.public])
        objects.put("sealed", sealer.seal([needle * 1000]))
        assert b"Invented" not in objects.get("sealed") + sealer.header

    @pytest.mark.parametrize("change", [-1, -SEALED_SEGMENT, 1, SEALED_SEGMENT])
    def test_a_cut_or_extended_body_is_refused(self, objects, plain, change):
        data_key = self._keep(objects, plain)
        body = objects.get("sealed")
        objects.put("changed", body[:change] if change < 0 else body + body[:change])
        with pytest.raises(IntegrityError):
            RangeOpener(objects.source("changed"), data_key, SIZE)
        with pytest.raises(IntegrityError):
            list(open_body(objects.stream("changed"), data_key, SIZE))
