"""JSON member by member, against the standard library's reading of the whole."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.errors import InputError
from bigpicture.preparation.sources import json_stream
from bigpicture.preparation.sources.export import fhir_members, files_of, members_of
from bigpicture.preparation.sources.json_stream import read_lines, read_members

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def members(data, wanted=None):
    return list(read_members(io.BytesIO(data), "x.json", wanted))


@given(st.lists(VALUES), st.integers(1, 9), st.sampled_from([None, 1]))
def test_a_list_in_pieces_of_any_size(values, size, indent):
    data = json.dumps(values, ensure_ascii=False, indent=indent).encode("utf-8", "replace")
    before = json_stream._CHUNK
    json_stream._CHUNK = size
    try:
        assert [each.value for each in members(data)] == json.loads(data)
    finally:
        json_stream._CHUNK = before


@given(VALUES, st.lists(VALUES))
def test_lists_at_paths(other, values):
    document = {"a": other, "b": {"c": values, "d": other}, "e": values}
    read = members(json.dumps(document).encode(), frozenset(("b.c", "e")))
    assert [each.value for each in read if each.path == "b.c"] == values
    assert [each.value for each in read if each.path == "e"] == values


def test_an_object_is_a_list_of_one():
    assert [each.value for each in members(b'{"data": {"x": 1}}', frozenset(("data",)))] == [
        {"x": 1}
    ]
    assert [each.value for each in members(b'{"x": 1}', frozenset(("",)))] == [{"x": 1}]


def test_places_count_lines():
    data = b'{"slides": [\n {"a": 1},\n\n {"a": 2}\n]}'
    assert [each.place for each in members(data)] == [
        "x.json slides[0] line 2",
        "x.json slides[1] line 4",
    ]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b'[{"a": 1}, {"a": "Quillfeath', "ends in the middle"),
        (b'[{"a": 1}', "ends in the middle"),
        (b'[{"a": 1},', "ends in the middle"),
        (b'{"slides": [{"a": 1}]', "ends in the middle"),
        (b"", "ends in the middle"),
        (b"7", "neither a list nor an object"),
        (b"[1] [2]", "follows after the end"),
        (b'[{"a": Quillfeather}]', "no JSON"),
        (b'[{"a": 1} {"b": 2}]', "a comma"),
        (b'[{"a": NaN}]', "no JSON"),
        (b'["\xe9"]', "not UTF-8"),
        (b"[" * 300_000, "nested deeper"),
        (b"[" + b"[" * 70 + b"]" * 70 + b"]", "nested deeper"),
        (b'[{"a":' * 200_000, "nested deeper"),
        (b"[" + b"1" * 5000 + b"]", "longer than any number"),
        (b"{1: 2}", "no text|no JSON"),
    ],
)
def test_what_is_wrong_is_told_without_the_value(data, what):
    with pytest.raises(InputError, match=what) as raised:
        members(data)
    assert "Quillfeath" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.place.startswith("x.json") or not data


def lines(data):
    return [each.value for each in read_lines(io.BytesIO(data), "x.ndjson")]


def test_lines():
    assert lines(b'\xef\xbb\xbf{"a": 1}\r\n\n{"b": 2}') == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b'{"a": 1}\n{"b": "Quillf', "ends in the middle"),
        (b'{"a": 1}\n{\n"b": 2\n}\n', "ends in the middle"),
        (b'{"a": 1}\n{"b": 1} {"c": 2}', "no JSON"),
        (b'{"a": 1}\n{"b": "\xfc"}', "not UTF-8"),
        (b'{"a": 1}\n' + b"[" * 5000, "nested deeper|ends in the middle"),
        (b'{"a": 1}\n' + b"[" * 99 + b"]" * 99, "nested deeper"),
        (b'{"a": 1}\n' + b"1" * 5000, "longer than any number"),
    ],
)
def test_a_wrong_line_is_told_by_its_number(data, what):
    with pytest.raises(InputError, match=what) as raised:
        lines(data)
    assert "line 2" in raised.value.place


def test_a_record_of_any_length_is_refused(monkeypatch):
    monkeypatch.setattr(json_stream, "LONGEST", 1000)
    monkeypatch.setattr(json_stream, "_CHUNK", 100)
    long = json.dumps({"data": "A" * 2000})
    with pytest.raises(InputError, match="longer than"):
        lines(long.encode())
    with pytest.raises(InputError, match="longer than"):
        members(f"[{long}]".encode())


def test_a_long_list_takes_the_memory_of_its_members():
    data = io.BytesIO(b"[" + b",".join([b'{"a": "' + b"x" * 500 + b'"}'] * 40_000) + b"]")
    tracemalloc.start()
    count = sum(1 for _ in read_members(data, "x.json", None))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 40_000
    assert peak < 12 << 20, "20 MB of records were held"


def test_utf_16_and_packed_files_are_told(tmp_path):
    path = tmp_path / "x.json"
    for data in ("[]".encode("utf-16"), b"\x1f\x8b\0\0"):
        path.write_bytes(data)
        with pytest.raises(InputError, match="UTF-16, or no text"):
            list(members_of(path, None))


def test_a_bom_before_a_bundle(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(b'\xef\xbb\xbf[{"resourceType": "Patient"}]')
    assert len(list(fhir_members(path))) == 1


def test_a_folder_without_an_export(tmp_path):
    with pytest.raises(InputError, match="holds no export"):
        files_of(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        files_of(tmp_path / "nowhere")
