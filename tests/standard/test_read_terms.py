"""A site's file of terms: what it adds, and what is wrong in it by line and column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.metaflex import build
from bigpicture.metaflex.submission import read_submission
from bigpicture.model.code import Code
from bigpicture.model.errors import InputError
from bigpicture.standard.check import check
from bigpicture.standard.read_terms import parse_terms, read_terms
from bigpicture.standard.site_terms import NO_TERMS, SiteTerm
from editing import with_attribute
from invented_submission import FILES, submission

HEAD = "vocabulary,code,scheme,meaning\n"
SAMPLE = "METADATA/sample.xml"


def parse(*lines: str):
    return parse_terms((HEAD + "\n".join(lines)).encode(), name="site.csv")


def refused(data: bytes | str) -> InputError:
    with pytest.raises(InputError) as told:
        parse_terms(data.encode() if isinstance(data, str) else data, name="site.csv")
    return told.value


def about(tag: str, code: Code, terms=NO_TERMS):
    """What the check says of one code of the sample."""
    documents = with_attribute(submission(), SAMPLE, tag, build.code_attribute(tag, code))
    found = check(read_submission(documents), FILES, terms=terms)
    return [each.what for each in found if each.rule in {"3.3.1", "4.2.1"}]


def test_a_closed_vocabulary_is_extended():
    celloidin = Code("L-17", "LOCAL", "Celloidin")
    assert about("block_preparation", celloidin)
    assert about("block_preparation", celloidin, parse("EMBEDDING,L-17,LOCAL,Celloidin")) == []


def test_a_closed_vocabulary_takes_a_further_code_of_its_own_scheme():
    gelatin = Code("35748005", "SNOMED CT", "Wine")
    assert about("block_preparation", gelatin)
    assert about("block_preparation", gelatin, parse("embedding,35748005,sct,Wine")) == []


def test_a_scheme_is_added_to_an_open_vocabulary_code_by_code_or_whole():
    site = Code("C22.0", "ICD-O-3", "Liver")
    assert about("anatomical_site", site)
    assert about("anatomical_site", site, parse("SITE,C22.0,ICD-O-3,Liver")) == []
    assert about("anatomical_site", site, parse("SITE,,ICD-O-3,")) == []
    [what] = about("anatomical_site", site, parse("SITE,C34.9,ICD-O-3,Lung"))
    assert "none of the site's codes" in what


def test_a_sites_code_means_what_the_site_says():
    terms = parse("SITE,C22.0,ICD-O-3,Liver")
    [what] = about("anatomical_site", Code("C22.0", "ICD-O-3", "Kidney"), terms)
    assert "C22.0 stands for 'Kidney'" in what


def test_one_vocabulary_is_not_another():
    assert about(
        "anatomical_site", Code("C22.0", "ICD-O-3", "Liver"), parse("STAIN,C22.0,ICD-O-3,Liver")
    )


def test_terms_are_a_value_and_leave_nothing_behind():
    terms = parse("EMBEDDING,L-17,LOCAL,Celloidin")
    celloidin = Code("L-17", "LOCAL", "Celloidin")
    assert about("block_preparation", celloidin, terms) == []
    assert about("block_preparation", celloidin)


def test_semicolons_a_byte_order_mark_blank_lines_and_repeats_are_read():
    data = '\ufeffVocabulary;Code;Scheme;Meaning\r\n\r\nSITE;C22.0;ICD-O-3;"Liver; whole"\r\n' * 1
    terms = parse_terms(data.encode(), name="site.csv")
    assert terms.terms == (SiteTerm("SITE", "C22.0", "ICD-O-3", "Liver; whole"),)
    assert parse("SITE,C22.0,ICD-O-3,Liver", "SITE,C22.0,ICD-O-3,liver").terms[1:] == ()


@pytest.mark.parametrize(
    ("line", "column", "told"),
    [
        ("SITES,1,X,y", "vocabulary", "Did you mean SITE?"),
        ("ILLUMINATION,1,X,y", "vocabulary", "there is no such vocabulary"),
        ("SITE,1,,y", "scheme", "the scheme is empty"),
        ("SITE,1,ICD-O-3,", "meaning", "the meaning is empty"),
        ("SITE,10200005,SNOMED CT,Liver", "code", "no SNOMED CT concept"),
        ("SITE,,SNOMED CT,", "code", "the code is empty"),
        ("EMBEDDING,,LOCAL,", "code", "the code is empty"),
        ("EMBEDDING,311731000,SNOMED CT,Plastic", "meaning", "Paraffin wax"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column(line, column, told):
    error = refused(HEAD + "SITE,C22.0,ICD-O-3,Liver\n" + line + "\n")
    assert error.place == f"site.csv:3, column {column}"
    assert told in f"{error.what} {error.remedy}"
    assert error.remedy


def test_two_meanings_of_one_code_name_both_lines():
    error = refused(HEAD + "SITE,C22.0,ICD-O-3,Liver\nSITE,C22.0,ICD-O-3,Kidney\n")
    assert error.place == "site.csv:3, column meaning"
    assert "line 2" in error.what


def test_all_that_is_wrong_is_told_at_once():
    error = refused(HEAD + "SITES,1,X,y\nSITE,1,,y\n" + "SITE,2,,y\n" * 40)
    assert "42 lines are wrong" in error.what
    assert error.place == "site.csv:2, column vocabulary"
    assert [each.place for each in error.errors[:2]] == [
        "site.csv:2, column vocabulary",
        "site.csv:3, column scheme",
    ]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ("", "site.csv:1"),
        ("vocabulary,code,scheme\nSITE,1,X\n", "site.csv:1, column meaning"),
        ("vocabulary,code,code,scheme,meaning\n", "site.csv:1, column code"),
        (HEAD + "SITE,1,X,a,b\n", "site.csv:2"),
        (HEAD + 'SITE,1,X,"never closed\n', "site.csv:2"),
        ((HEAD + "SITE,1,X,Gr\xfcn\n").encode("latin-1"), "site.csv:2"),
        (b"\x00\x01\x02", "site.csv:1, column vocabulary"),
    ],
)
def test_a_damaged_file_names_its_line(data, place):
    assert refused(data).place == place


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_terms(tmp_path / "none.csv")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    for each in (data, HEAD.encode() + data):
        told = ""
        try:
            parse_terms(each, name="site.csv")
        except InputError as error:
            told = error.place
        assert not told or told.startswith("site.csv")
