import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.model.code import Code
from bigpicture.preparation.meaning import fold, read_code, write_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SNOMED CT:86273004 Biopsy", Code("86273004", "SNOMED CT", "Biopsy")),
        ("sct: 86273004 Biopsy", Code("86273004", "SNOMED CT", "Biopsy")),
        ("86273004 | Biopsy |", Code("86273004", "SNOMED CT", "Biopsy")),
        ("86273004|Biopsy", Code("86273004", "SNOMED CT", "Biopsy")),
        ("SNOMED CT:86273004 | Biopsy |", Code("86273004", "SNOMED CT", "Biopsy")),
        ("HGNC:7107 MKI67", Code("HGNC:7107", "HGNC", "MKI67")),
        ("ICD-O-3:8140/3 Adenocarcinoma, NOS", Code("8140/3", "ICD-O-3", "Adenocarcinoma, NOS")),
        ("SEND:WISTAR", Code("WISTAR", "SEND", "")),
        ("text: AE1+AE3", "AE1+AE3"),
    ],
)
def test_a_cell_may_carry_a_code_itself(text, code):
    assert read_code(text) == code


@pytest.mark.parametrize("text", ["Biopsie", "Dr: Meier", "12", "http://x", "", "86273004"])
def test_words_are_no_codes(text):
    assert read_code(text) is None


@given(
    st.sampled_from(["SNOMED CT", "ICD-O-3", "SEND", "HGNC"]),
    st.from_regex(r"[A-Z0-9]{1,12}", fullmatch=True),
    st.from_regex(r"[A-Za-zäöüß(),]+( [A-Za-z(),-]+)*", fullmatch=True),
)
def test_a_code_that_was_written_is_read_back(scheme, number, meaning):
    code = Code(f"HGNC:{number}" if scheme == "HGNC" else number, scheme, meaning)
    assert read_code(write_code(code)) == code


def test_words_are_compared_without_case_and_accents():
    assert fold("  Männlich ") == fold("MANNLICH")
    assert fold("Hämatoxylin\n-  Eosin") == "hamatoxylin - eosin"
