"""Resealing: other recipients, the same body."""

from __future__ import annotations

import pytest

from bigpicture.model.errors import IntegrityError
from bigpicture.sealing.header import read_header, write_header
from bigpicture.sealing.keys import make_key_pair
from bigpicture.sealing.reseal import reseal

NODE, READER = make_key_pair(), make_key_pair()


def test_the_new_recipient_gets_the_same_data_key():
    header = write_header(bytes(32), [NODE.public])
    assert read_header(reseal(header, NODE, [READER.public]), READER) == bytes(32)


def test_only_the_new_recipients_are_in_it():
    header = write_header(bytes(32), [NODE.public])
    with pytest.raises(IntegrityError):
        read_header(reseal(header, NODE, [READER.public]), NODE)


def test_only_a_recipient_can_reseal():
    header = write_header(bytes(32), [NODE.public])
    with pytest.raises(IntegrityError):
        reseal(header, READER, [READER.public])
