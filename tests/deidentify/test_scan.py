"""The scan finds every planted string wherever and however it is written."""

from __future__ import annotations

import os

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bigpicture.deidentify.needles import Needle
from bigpicture.deidentify.scan import ENCODINGS, Scan, Span
from bigpicture.model.errors import IntegrityError


class Bytes:
    """A byte source over bytes."""

    def __init__(self, data):
        self.data = data

    @property
    def size(self):
        return len(self.data)

    def read(self, offset, length):
        if offset + length > len(self.data):
            raise IntegrityError("past the end")
        return self.data[offset : offset + length]


def found(data, *texts, is_text=True):
    scan = Scan([Needle(text, "a field") for text in texts])
    return scan.search(Bytes(data), name="out.dcm", spans=[Span(0, len(data), is_text)])


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("change", [str, str.upper, str.lower])
@pytest.mark.parametrize("text", ["Mustermann", "Müller-Lüdenscheidt", "Erika", "1004486"])
def test_a_string_is_found_in_every_encoding_and_case(encoding, change, text):
    data = b"\0" * 10 + change(text).encode(encoding) + b"\0" * 10
    (finding,) = found(data, text)
    assert "byte 10," in finding.place or "byte 9," in finding.place  # UTF-16 of zeros around
    assert text not in finding.what + finding.place + finding.rule


@given(st.binary(max_size=64), st.integers(0, 64))
@settings(max_examples=50)
@example(b"", 0)
def test_a_long_string_is_found_between_any_bytes(noise, cut):
    data = noise[:cut] + b"Mustermann" + noise[cut:]
    assert found(data, "mustermann")
    assert found(data, "mustermann", is_text=False)


@pytest.mark.parametrize("data", [b"annapolis", b"susanna", b"xanna1"])
def test_a_short_word_within_another_is_no_find(data):
    assert not found(data, "anna")


@pytest.mark.parametrize("data", [b"anna", b"\x04anna\0", b"^Anna^", "x Anna".encode("utf-16-le")])
def test_a_short_word_alone_is_a_find(data):
    assert found(data, "anna")


@pytest.mark.parametrize("data", [b"2.25.310044867", b"0.1004486", b"1004486.5"])
def test_a_number_within_another_is_no_find(data):
    assert not found(data, "1004486")


def test_short_strings_are_not_searched_among_the_pixels():
    assert found(b"Erika", "Erika")
    assert not found(b"Erika", "Erika", is_text=False)
    assert found("Erika".encode("utf-16-le"), "Erika", is_text=False)


@pytest.mark.parametrize("shift", range(-12, 13, 3))
def test_a_string_across_the_border_of_two_reads_is_found(shift):
    border = 4 << 20
    data = bytearray(b"." * (border * 2 + 100))
    data[border + shift : border + shift + 10] = b"Mustermann"
    (finding,) = found(bytes(data), "Mustermann")
    assert f"byte {border + shift}," in finding.place


def test_each_needle_is_told_once_and_only_spans_are_searched():
    data = b"Mustermann" * 3 + b"Beispielfrau"
    scan = Scan([Needle("Mustermann", "a"), Needle("Beispielfrau", "b")])
    assert len(scan.search(Bytes(data), name="x", spans=[Span(0, 30, True)])) == 1
    assert len(scan.search(Bytes(data), name="x", spans=[Span(0, len(data), True)])) == 2


def test_without_needles_nothing_is_found():
    assert not found(os.urandom(1000))


def test_a_text_that_will_be_written_is_searched():
    scan = Scan([Needle("S-2019-1234", "the name of the file")])
    assert scan.search_text('{"source": "s-2019-1234.svs"}', name="report.json")
    assert not scan.search_text('{"source": "GEZDGNBV"}', name="report.json")
