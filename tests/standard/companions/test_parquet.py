"""Parquet tables: read as CSV is, and refused where they are damaged, hostile or no table."""

from __future__ import annotations

import datetime
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bigpicture.standard.companions.check import check_companions
from bigpicture.standard.companions.parquet import as_csv, drop_rows
from companion_tables import DICTIONARY, lay, study

PATH = "COMPANIONS/pathology.parquet"
COLUMNS = {
    "case": ["case-1", "case-2", "case-3"],
    "grade": ["1", "2", "ND"],
    "ki67": pa.array([12.5, None, 0.0]),
    "followed": ["P36M", "P2Y", "NA"],
    "alive": pa.array([True, False, True]),
}
WORDS = DICTIONARY.replace("*,NA", "*,(empty),unknown,missing,,,,,,,,,\n*,NA")


def found(folder, columns):
    places = lay(folder, table=None, dictionary=WORDS, more={PATH: b""})
    if isinstance(columns, bytes):
        places[PATH].write_bytes(columns)
    else:
        pq.write_table(pa.table(columns), places[PATH], compression="zstd")
    return check_companions(study(), places)


def test_a_sound_table(tmp_path):
    assert found(tmp_path, COLUMNS) == []


def test_cells_are_checked_as_in_csv(tmp_path):
    findings = found(tmp_path, {**COLUMNS, "grade": ["1", "7", "ND"]})
    assert [(each.rule, str(each.place)) for each in findings] == [
        ("BP-companion-category", f"{PATH}:3")
    ]


def test_a_column_of_dates_is_refused(tmp_path):
    days = pa.array([datetime.date(2020, 1, 2)] * 3)
    findings = found(tmp_path, {**COLUMNS, "followed": days})
    assert {each.rule for each in findings} == {"BP-companion-date"}
    assert "2020" not in str([each.as_json() for each in findings])


def test_whole_numbers_stay_whole_beside_nulls(tmp_path):
    place = tmp_path / "numbers.parquet"
    pq.write_table(pa.table({"n": pa.array([1, None, 3], pa.int64())}), place)
    with as_csv(place, name="numbers.parquet") as rows:
        assert rows.read_text() == "n\n1\n\n3\n".replace("\n\n", '\n""\n')


@pytest.mark.parametrize(
    "columns",
    [
        {**COLUMNS, "ki67": [[1.0], [2.0], [3.0]]},
        {**COLUMNS, "ki67": [b"a", b"b", b"c"]},
        {**COLUMNS, "grade": ["x" * 200_000] * 3},
    ],
    ids=["nested", "bytes", "long"],
)
def test_what_is_no_plain_table(tmp_path, columns):
    [finding] = found(tmp_path, columns)
    assert (finding.rule, finding.place.file) == ("BP-companion-form", PATH)


@pytest.mark.parametrize(
    "data",
    [b"", b"PAR1", b"PAR1" + b"\xff" * 64 + b"\x10\0\0\0PAR1", b"case,grade\n", os.urandom(4096)],
    ids=["empty", "stub", "footer", "csv", "noise"],
)
def test_what_is_no_parquet(tmp_path, data):
    [finding] = found(tmp_path, data)
    assert (finding.rule, finding.is_error) == ("BP-companion-form", True)


def test_every_truncation_and_many_flips_end_in_a_finding(tmp_path):
    place = tmp_path / "sound.parquet"
    pq.write_table(pa.table(COLUMNS), place)
    sound = place.read_bytes()
    for cut in range(0, len(sound), len(sound) // 12):
        assert found(tmp_path / "cut", sound[:cut])
    for at in range(4, len(sound), len(sound) // 12):
        damaged = bytearray(sound)
        damaged[at] ^= 0xFF
        found(tmp_path / "flip", bytes(damaged))  # a finding, or harmless: never an exception


@pytest.mark.long
def test_a_file_that_unpacks_without_end(tmp_path):
    place = tmp_path / "bomb.parquet"
    text = pa.array(["y" * 9_000])
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), text)
    pq.write_table(pa.table({"case": column}), place, compression="zstd")
    assert place.stat().st_size < 1_000_000
    [finding] = found(tmp_path, place.read_bytes())
    assert finding.rule == "BP-companion-form"


def test_rows_are_dropped_and_the_types_stay(tmp_path):
    place, out = tmp_path / "a.parquet", tmp_path / "b.parquet"
    pq.write_table(pa.table(COLUMNS), place)
    drop_rows(place, out, key="case", aliases=frozenset({"case-2"}))
    left = pq.read_table(out)
    assert left.column("case").to_pylist() == ["case-1", "case-3"]
    assert left.schema == pq.read_schema(place)
    assert b"case-2" not in out.read_bytes()


def test_rows_are_dropped_from_csv(tmp_path):
    place, out = tmp_path / "a.csv", tmp_path / "b.csv"
    place.write_text('case;note\ncase-1;"a\nb"\ncase-2;x\n')
    drop_rows(place, out, key="case", aliases=frozenset({"case-2"}))
    assert out.read_text() == 'case;note\ncase-1;"a\nb"\n'
