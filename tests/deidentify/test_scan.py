"""The scan finds every planted string wherever and however it is written."""

from __future__ import annotations

import base64
import bz2
import gzip
import html.entities
import io
import json
import lzma
import os
import quopri
import random
import urllib.parse
import zipfile
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bigpicture.deidentify.needles import Needle
from bigpicture.deidentify.scan import Scan, Span
from bigpicture.deidentify.spellings import CODE_PAGES, WIDE
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


def place_of(finding):
    return int(finding.place.split("byte ")[1].split(" ")[0].strip(","))


TEXTS = ["Mustermann", "Müller-Lüdenscheidt", "Żółkiewska", "Erika", "1004486", "S19-12345"]


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("change", [str, str.upper, str.lower])
@pytest.mark.parametrize("text", TEXTS)
def test_a_string_is_found_in_every_width_and_case(encoding, change, text):
    data = b"\0" * 12 + change(text).encode(encoding) + b"\0" * 12
    (finding,) = found(data, text)
    assert 9 <= place_of(finding) <= 15  # zeros around may belong to the first letter
    assert text not in finding.what + finding.place + finding.rule + finding.masked


FOREIGN = [
    "Müller-Lüdenscheidt", "Żółkiewska", "Παπαδοπούλου", "Кузнецова", "山田花子さん",
    "김철수입니다", "Þórðardóttir", "כהן־לוי",
]  # fmt: skip


@pytest.mark.parametrize("codec", CODE_PAGES)
@pytest.mark.parametrize("text", FOREIGN)
def test_a_string_is_found_in_every_code_page_that_has_its_letters(codec, text):
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        return
    assert found(b"\1\2" + data + b"\0", text)
    assert found(b"\1\2" + data + b"\0", text, is_text=False) or len(data) < 8


def _base64(form, url=False):
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    return lambda text: encode(text.encode(form))


def _entity(letter):
    name = html.entities.codepoint2name.get(ord(letter))
    return f"&{name};" if name else f"&#{ord(letter)};"


def _zipped(text):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes.txt", f"a note\nname: {text}\n" * 9)
    return held.getvalue()


WAYS = {
    "base64": _base64("utf-8"),
    "base64, url": _base64("utf-8", url=True),
    "base64, utf-16-le": _base64("utf-16-le"),
    "base64, utf-16-be": _base64("utf-16-be"),
    "base64 in lines": lambda text: base64.encodebytes(f"{'x ' * 25}{text}{' y' * 40}".encode()),
    "hex": lambda text: text.encode().hex().encode(),
    "HEX": lambda text: text.encode().hex().upper().encode(),
    "hex, utf-16": lambda text: text.encode("utf-16-le").hex().encode(),
    "hex with colons": lambda text: text.encode().hex(":").encode(),
    "hex with blanks": lambda text: text.encode().hex(" ").encode(),
    "url": lambda text: urllib.parse.quote(text).encode(),
    "url, all": lambda text: b"".join(b"%%%02x" % each for each in text.encode()),
    "url, latin-1": lambda text: urllib.parse.quote(text.encode("cp1250", "replace")).encode(),
    "html, decimal": lambda text: text.encode("ascii", "xmlcharrefreplace"),
    "html, all decimal": lambda text: "".join(f"&#{ord(each)};" for each in text).encode(),
    "html, all hex": lambda text: "".join(f"&#x{ord(each):X};" for each in text).encode(),
    "html, named": lambda text: "".join(_entity(letter) for letter in text).encode(),
    "json": lambda text: json.dumps(text).encode(),
    "json, all": lambda text: "".join(f"\\u{ord(each):04x}" for each in text).encode(),
    "python": lambda text: text.encode("unicode_escape"),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()),
    "quoted-printable, all": lambda text: b"".join(b"=%02X" % each for each in text.encode()),
    "quoted-printable, broken": lambda text: text[:3].encode() + b"=\r\n" + text[3:].encode(),
    "gzip": lambda text: gzip.compress(f"name: {text}\n".encode()),
    "zlib": lambda text: zlib.compress(f"name: {text}\n".encode()),
    "zlib, fast": lambda text: zlib.compress(f"name: {text}\n".encode(), 1),
    "zip": _zipped,
    "bzip2": lambda text: bz2.compress(f"name: {text}\n".encode()),
    "xz": lambda text: lzma.compress(f"name: {text}\n".encode()),
    "gzip in base64": lambda text: base64.b64encode(gzip.compress(f"name: {text}\n".encode())),
    "url in base64": lambda text: base64.b64encode(urllib.parse.quote(text).encode()),
    "base64 in utf-16": lambda text: base64.b64encode(text.encode()).decode().encode("utf-16-le"),
    "gzip in gzip in gzip": lambda text: gzip.compress(gzip.compress(gzip.compress(text.encode()))),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("before", [b"", b"comment = ", b"<a>\xe9b\xff", bytes(7)])
def test_a_string_is_found_in_every_coding(way, text, before):
    data = before + WAYS[way](text) + b" \0;"
    (finding,) = found(data, text)
    assert text not in str(finding)


@pytest.mark.parametrize("form", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("shift", range(6))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_found_wherever_the_string_begins_in_it_even_among_pixels(form, shift, encode):
    text = "Mustermann-Ööß?"
    data = os.urandom(50) + encode(b"\xff" * shift + text.encode(form) + b"??>") + os.urandom(50)
    assert found(data, text)
    assert found(data, text, is_text=False)


def test_bytes_in_swapped_pairs_are_found():
    data = b"xy" + b"Mustermann" + b"z"
    for even in (data, data + b"?", b"1" + data):
        turned = bytearray(even[: len(even) // 2 * 2])
        turned[::2], turned[1::2] = turned[1::2], turned[::2]
        assert found(bytes(turned), "Mustermann", is_text=False)


@pytest.mark.parametrize(
    "written", ["Muller", "Mueller", "MULLER", "Mu\u0308ller", "MÜLLER", "m\xfcller"]
)
def test_letters_with_accents_are_found_without_them_and_apart(written):
    assert found(b"\n" + written.encode() + b"\n", "Müller")


@given(st.binary(max_size=64), st.integers(0, 64))
@settings(max_examples=50)
@example(b"", 0)
def test_a_long_string_is_found_between_any_bytes(noise, cut):
    data = noise[:cut] + b"Mustermann" + noise[cut:]
    assert found(data, "mustermann")
    assert found(data, "mustermann", is_text=False)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=40))
@settings(max_examples=100)
def test_any_text_is_found_in_any_width(text):
    for encoding in WIDE:
        data = b"\xff" * 9 + text.encode(
            encoding, "surrogatepass" if "8" not in encoding else "replace"
        )
        if len(data) >= 17:
            assert found(data, text, is_text=False)


@pytest.mark.parametrize(
    "text", ["a.*b+(c)?[d]", "nul\0within", "\\x41\\Q..\\E", "^starting$", "{8,}|x|y"]
)
@pytest.mark.parametrize("size", [100, 100_000])
def test_signs_of_patterns_are_nothing_special(text, size):
    noise = b"\xb7" * size
    assert found(noise + text.encode() + noise, text)
    assert found(noise + text.encode() + noise, text, is_text=False)
    assert not found(noise + b"axxb+cd nulwithin A starting xxxxxxxxx" + noise, text)


@pytest.mark.parametrize("data", [b"annapolis", b"susanna", b"xanna1"])
def test_a_short_word_within_another_is_no_find(data):
    assert not found(data, "anna")


@pytest.mark.parametrize(
    "data",
    [b"anna", b"\x04anna\0", b"^Anna^", "x Anna".encode("utf-16-le"),
     "x Anna y".encode("utf-16-be"), "x Anna".encode("utf-32-le")],
)  # fmt: skip
def test_a_short_word_alone_is_a_find(data):
    assert found(data, "anna")


@pytest.mark.parametrize("data", [b"2.25.310044867", b"0.1004486", b"1004486.5", b"5.001004486"])
def test_a_number_within_another_is_no_find(data):
    assert not found(data, "1004486")


@pytest.mark.parametrize("data", [b"1004486", b"No. 1004486.", b"0001004486", b"a1004486z"])
def test_a_number_alone_is_a_find(data):
    assert found(data, "1004486")


def test_short_strings_are_not_searched_among_the_pixels():
    assert found(b"Erika", "Erika")
    assert not found(b"Erika", "Erika", is_text=False)
    assert found("Erika".encode("utf-16-le"), "Erika", is_text=False)
    assert found(b"q" + "Anna".encode("utf-16-le"), "Anna", is_text=False)
    assert found(b"q" + "Anna".encode("utf-16-be"), "Anna", is_text=False)


@pytest.mark.parametrize("border", [1 << 20, 16 << 20])
@pytest.mark.parametrize("shift", [-9, -4, 0])
@pytest.mark.parametrize("is_text", [True, False])
def test_a_string_across_the_border_of_two_reads_is_found(border, shift, is_text):
    data = bytearray(b"\xb7" * (border + 100))
    data[border + shift : border + shift + 10] = b"Mustermann"
    (finding,) = found(bytes(data), "Mustermann", is_text=is_text)
    assert place_of(finding) == border + shift


@pytest.mark.parametrize("shift", [-199, -128, -65, -1])
def test_a_text_longer_than_what_is_read_twice_for_its_neighbours_is_found_across_a_border(shift):
    text = "".join(f"{n:04d}/" for n in range(40))
    data = bytearray(b"\xb7" * ((1 << 20) + 500))
    data[(1 << 20) + shift : (1 << 20) + shift + len(text)] = text.encode()
    assert found(bytes(data), text, is_text=False)


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


WRITTEN_DAYS = [
    "20091229", "2009-12-29", "29.12.2009", "12/29/2009", "29/12/2009", "12/29/09", "29.12.09",
    "091229", "291209", "29 December 2009", "29. Dezember 2009", "Dec 29, 2009", "29-DEC-2009",
    "29DEC2009", "29 décembre 2009", "29 de diciembre de 2009", "December 29th, 2009",
    "Tue Dec 29 10:11:12 2009", "Tue, 29 Dec 2009 10:11:12 GMT", "20091229101112.5+0100",
    "2009-12-29T10:11:12Z", "2009:12:29 10:11:12", "2009/12/29", "2009.12.29", "2009-363",
    "2009年12月29日", "1262081472", "1262077872", "1262081472.123", "1262081472000",
    "40176.424444444", "129065550720000000", "633976782720000000",
]  # fmt: skip
"""One moment, 10:11:12 by the clock of somebody: by hand from `date -d` and the definitions."""


@pytest.mark.parametrize("written", WRITTEN_DAYS)
def test_a_day_is_found_however_it_is_written(written):
    needles = [Needle("2009-12-29", "a date"), Needle("2009-12-29T10:11:12", "a date")]
    scan = Scan(needles)
    wide = "utf-8" if "年" in written else "utf-16-le"
    for data in (
        f"on {written}, ".encode(),
        f"on {written} ".encode(wide),
        b"\0" + base64.b64encode(f"on {written};".encode()),
    ):
        assert scan.search(Bytes(data), name="x", spans=[Span(0, len(data), True)])


@pytest.mark.parametrize(
    "written",
    ["20091228", "1.2.840.20091229.5", "2009-12-30", "12/28/09", "0.20091229", "1262200000",
     "29 Dec", "3.29.12.2009", "40177.9"],
)  # fmt: skip
def test_another_day_is_not(written):
    needles = [Needle("2009-12-29", "a date"), Needle("2009-12-29T10:11:12", "a date")]
    assert not Scan(needles).search_text(f"on {written} ", name="x")


def test_a_bomb_is_neither_unpacked_nor_let_through():
    bomb = gzip.compress(bytes(200 << 20), 9)
    (finding,) = found(bomb, "Mustermann")
    assert "too large" in finding.what
    deep = b"x" * 50
    for _ in range(6):
        deep = gzip.compress(deep)
    (finding,) = found(deep, "Mustermann")
    assert "too deep" in finding.what


@pytest.mark.parametrize("how", [gzip.compress, zlib.compress, bz2.compress, lzma.compress])
def test_of_a_container_that_is_cut_off_what_is_there_is_searched(how):
    # bzip2 gives back whole blocks of 900 kB only.
    count = 60_000 if how is bz2.compress else 15_000
    lines = "".join(f"{random.Random(n).random()}\n" for n in range(count)).encode()
    data = how(b"Mustermann\n" + lines)
    assert found(data[: len(data) - 2000], "Mustermann")


def test_damaged_containers_are_no_find_and_no_error():
    for start in (b"\x1f\x8b\x08\0", b"PK\3\4", b"BZh91AY&SY", b"\xfd7zXZ\0", b"x\x9c"):
        for size in (0, 1, 30, 5000):
            assert not found(start + os.urandom(size), "Mustermann-Beispiel")


@pytest.mark.parametrize(
    "count", [1000, pytest.param(10_000, marks=pytest.mark.long)], ids=lambda count: f"{count}"
)
def test_thousands_of_strings_are_searched(count):
    names = [f"Muster{n:05d}mann" for n in range(count)]
    scan = Scan([Needle(name, "a field") for name in names])
    data = (
        os.urandom(3 << 20) + b"muster00999MANN" + bytes(10) + "Muster00000mann".encode("utf-16-be")
    )
    findings = scan.search(Bytes(data), name="x", spans=[Span(0, len(data), False)])
    assert len(findings) == 2
    assert not any("uster" in str(each) for each in findings)


@given(st.lists(st.sampled_from(["Anna", "Mustermann", "12345", "Ö. Ünal", "S19-1"]), unique=True),
       st.binary(max_size=40), st.randoms())  # fmt: skip
@settings(max_examples=20, deadline=None)
def test_short_and_long_texts_are_searched_alike(texts, noise, chance):
    """Short ones are searched pattern by pattern, long ones by the engine."""
    parts = [*(text.encode("utf-8") for text in texts), noise]
    chance.shuffle(parts)
    block = b"\xb7".join(parts)
    few = {each.kind + each.what for each in found(block, "Anna", "Mustermann", "12345", "Ö. Ünal")}
    many = found(block + b"\xb7" * 100_000, "Anna", "Mustermann", "12345", "Ö. Ünal")
    assert {each.kind + each.what for each in many} == few
