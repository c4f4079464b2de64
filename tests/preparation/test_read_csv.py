import pytest

from bigpicture.model.errors import InputError, LimitError
from bigpicture.preparation import read_csv as module
from bigpicture.preparation.read import tables_of
from bigpicture.preparation.read_csv import read_csv

TEXT = 'File;Färbung;Note\na.svs;HÄ;"one; two"\n\nb.svs;"said ""so""";x\n'


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace(";", "\t").replace('"one\t two"', '"one; two"').encode(),
        ("sep=;\n" + TEXT).encode(),
        TEXT.encode("cp1252"),
    ],
)
def test_encoding_and_separator_are_found(data):
    table = read_csv(data, file="t.csv")
    assert [row.texts for row in table.rows] == [
        ("File", "Färbung", "Note"),
        ("a.svs", "HÄ", "one; two"),
        ("b.svs", 'said "so"', "x"),
    ]


def test_windows_1252_is_said():
    assert "Windows-1252" in read_csv(TEXT.encode("cp1252"), file="t.csv").notes[0]
    assert read_csv(TEXT.encode(), file="t.csv").notes == ()


def test_commas_within_quotations_do_not_count():
    table = read_csv(b'a;b\n"1,2,3,4";2\n"5,6,7,8";4\n', file="t.csv")
    assert [row.texts for row in table.rows] == [("a", "b"), ("1,2,3,4", "2"), ("5,6,7,8", "4")]


def test_an_empty_row_keeps_its_number():
    assert [row.number for row in read_csv(b"a,b\n\n,\nc,d\n", file="t.csv").rows] == [1, 4]


def test_a_quotation_that_never_ends_is_told_with_its_line():
    with pytest.raises(InputError, match="quotation mark") as caught:
        read_csv(b'a,b\n1,"2\n3,4\n', file="t.csv")
    assert caught.value.place.startswith("t.csv:")


@pytest.mark.parametrize("data", [b"\x81\x8d\x8f\xff", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\xd8\0"])
def test_what_is_no_text_is_refused(data):
    with pytest.raises(InputError, match=r"no text|cannot be read"):
        read_csv(data, file="t.csv")


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    with pytest.raises(LimitError, match="too many rows"):
        read_csv(b"a\n" * 4, file="t.csv")


def test_an_empty_file_is_refused():
    with pytest.raises(InputError, match="empty"):
        tables_of(b"", file="t.csv")
