"""What the sources write is what `prepare` reads."""

from __future__ import annotations

from bigpicture.preparation.meaning import read_code
from bigpicture.preparation.read_csv import read_csv
from bigpicture.preparation.sources.columns import COLUMNS, ColumnKind
from bigpicture.preparation.sources.mapping_file import default_fhir, parse_mapping
from bigpicture.preparation.sources.rows import Reading
from bigpicture.preparation.sources.write_table import write_table
from invented_fhir import EXPECTED, department, write_lines


def test_identifiers_and_sentences():
    named = {kind: {name for name, each in COLUMNS.items() if each is kind} for kind in ColumnKind}
    assert named[ColumnKind.IDENTIFIER] == {
        *("file", "slide", "block", "specimen", "case", "being", "observer")
    }
    assert named[ColumnKind.TEXT] == {"finding_text", "description"}
    assert named[ColumnKind.AGE] == {"age"}
    assert {"sex", "stain", "diagnosis", "antibody"} <= named[ColumnKind.TERM]


def test_the_table_is_read_by_prepare(tmp_path):
    mapping = parse_mapping(default_fhir(), "fhir.toml")
    rows = Reading(mapping).rows(write_lines(tmp_path / "x", department()))
    write_table(rows, [rule.name for rule in mapping.columns], tmp_path / "slides.csv")
    table = read_csv((tmp_path / "slides.csv").read_bytes(), file="slides.csv")
    headings, cells = (row.texts for row in table.rows)
    assert dict(zip(headings, cells, strict=True)) == EXPECTED
    code = read_code(EXPECTED["anatomical_site"])
    assert (code.scheme, code.code, code.meaning) == ("SNOMED CT", "71854001", "Colon structure")
