"""A large document read object by object says the same as one read whole, to the line."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigpicture.metaflex import submission
from bigpicture.metaflex.compose import documents_of
from bigpicture.metaflex.members import NotPlainError, read_members
from bigpicture.metaflex.plain import plain_members
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.shared import Shared
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.write import write_document
from bigpicture.model.errors import MetadataError
from invented_everything import everything
from studies import study

IMAGES = "METADATA/image.xml"
SAMPLES = "METADATA/sample.xml"


def written() -> dict[str, bytes]:
    return {name: write_document(each) for name, each in everything(is_clinical=True).items()}


@pytest.fixture
def in_pieces(monkeypatch):
    """Every document is large, and comes in small windows."""

    def read(documents, *, window=97):
        with monkeypatch.context() as patch:
            patch.setattr(submission, "LARGE", 0)
            patch.setattr("bigpicture.metaflex.plain.WINDOW", window)
            patch.setattr("bigpicture.metaflex.members.WINDOW", window)
            return read_submission(documents)

    return read


def many(document: bytes, times: int) -> bytes:
    """The same objects again and again, each with aliases of its own."""
    head, body, foot = re.fullmatch(
        rb"(.*?<\w+_SET[^>]*>)(.*)(</\w+_SET>\s*)", document, re.DOTALL
    ).groups()
    copies = [
        re.sub(rb'alias="([^"]*)"', rb'alias="\1-%d"' % number, body) for number in range(times)
    ]
    return head + b"".join(copies) + foot


def as_is(data: bytes) -> bytes:
    return data


FORMS = {
    "as written": as_is,
    "on one line": lambda data: re.sub(rb">\s+<", b"><", data),
    "with line ends of Windows": lambda data: data.replace(b"\n", b"\r\n"),
    "with a mark of byte order": lambda data: b"\xef\xbb\xbf" + data,
    "without a declaration": lambda data: data.split(b"?>", 1)[1].lstrip(),
    "with single quotes": lambda data: re.sub(rb'alias="([^"]*)"', rb"alias='\1'", data),
    "with blanks before the end of tags": lambda data: re.sub(rb"</(\w+)>", rb"</\1 >", data),
    "with tabs": lambda data: data.replace(b"  ", b"\t"),
    "with a comment": lambda data: data.replace(b"<IMAGE ", b"<!-- </IMAGE> --><IMAGE ", 1),
    "with a marked section": lambda data: data.replace(
        b"<VALUE>256</VALUE>", b"<VALUE><![CDATA[256]]></VALUE>"
    ),
    "with entities": lambda data: data.replace(b"Invented", b"In&#118;ented &amp; more"),
    "with ends of tags in values": lambda data: data.replace(b"level-0", b"a>b/>c"),
    "with blanks around values": lambda data: re.sub(
        rb"<VALUE>(\w+)</VALUE>", rb"<VALUE>\n \1 \n</VALUE>", data
    ),
    "with values over lines": lambda data: data.replace(b"Invented Optics", b"Invented\nOptics"),
    "with nil in many spellings": lambda data: data.replace(
        b"<TAG>software_versions</TAG>\n        <VALUE>1</VALUE>",
        b'<TAG>software_versions</TAG>\n        <VALUE xsi:nil=" true "/>',
    ).replace(b"<IMAGE_SET", b'<IMAGE_SET xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'),
    "in UTF-16": lambda data: data.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "with an unknown element": lambda data: data.replace(b"<FILES>", b"<WHO/><FILES>", 1),
    "with an unknown object": lambda data: data.replace(b"<IMAGE ", b"<WHO/><IMAGE ", 1),
    "with a text between objects": lambda data: data.replace(b"<IMAGE ", b"hello <IMAGE ", 1),
    "with a number that is none": lambda data: data.replace(b">256<", b">many<", 1),
    "with an alias that is none": lambda data: data.replace(b"slide-1-3", b"&#7;slide", 1),
    "with an attribute of the root": lambda data: data.replace(b"_SET>", b'_SET x="y">', 1),
    "empty": lambda data: b"<IMAGE_SET/>",
    "of blanks": lambda data: b"<IMAGE_SET>\n</IMAGE_SET>",
    "with private characters": lambda data: data.replace(b"Optics", "\ue0000\ue001".encode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_it_is_read_as_the_whole_is(form, in_pieces):
    documents = written()
    documents[IMAGES] = FORMS[form](many(documents[IMAGES], 7))
    documents[SAMPLES] = many(documents[SAMPLES], 5)
    assert repr(in_pieces(documents)) == repr(read_submission(documents))


def in_last(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    before, after = data.rsplit(old, 1)
    return before + new + after


LAST = {
    "digest": (IMAGES, b'checksum="d', b'checksum="D'),
    "type of file": (IMAGES, b'filetype="dcm"', b'filetype="svs"'),
    "method of digest": (IMAGES, b'"SHA256"', b'"MD5"'),
    "number": (IMAGES, b">256<", b">many<"),
    "alias": (SAMPLES, b'SLIDE alias="', b'SLIDE alias="' + b"a" * 200),
    "statement": ("METADATA/observation.xml", b">Diagnosis<", b">Guess<"),
    "number of a set": (IMAGES, b">4096<", b">4,096<"),
}


@pytest.mark.parametrize("what", LAST)
def test_one_wrong_value_after_many_right_ones_is_named(what, in_pieces):
    name, old, new = LAST[what]
    documents = written()
    documents[name] = in_last(many(documents[name], 9), old, new)
    ours = in_pieces(documents)
    assert repr(ours) == repr(read_submission(documents))
    assert any(each.is_error for each in ours.findings)


@pytest.mark.parametrize("window", [1, 2, 3, 1000, 1 << 20])
def test_windows_may_end_anywhere(window, in_pieces):
    documents = written()
    documents[IMAGES] = many(documents[IMAGES], 2)
    assert repr(in_pieces(documents, window=window)) == repr(read_submission(documents))


BROKEN = {
    "cut off": lambda data: data[: len(data) // 2],
    "cut off at an object's end": lambda data: data[: data.rindex(b"</IMAGE_SET>")],
    "with another end": lambda data: data.replace(b"</IMAGE_TYPE>", b"</IMAGE_TIPE>", 1),
    "with more after its end": lambda data: data + b"<IMAGE_SET/>",
    "with a document type": lambda data: data.replace(b"<IMAGE_SET", b"<!DOCTYPE a><IMAGE_SET", 1),
    "with bytes that are no UTF-8": lambda data: data.replace(b"Optics", b"\xff"),
    "with an unknown entity": lambda data: data.replace(b"Optics", b"&who;"),
    "with an attribute twice": lambda data: data.replace(b'alias="', b'alias="a" alias="', 1),
    "nested deep": lambda data: data.replace(b"<TAG>", b"<TAG>" + b"<A>" * 200 + b"</A>" * 200, 1),
}


@pytest.mark.parametrize("damage", BROKEN)
def test_what_is_broken_is_named_as_in_the_whole(damage, in_pieces):
    documents = written()
    documents[IMAGES] = BROKEN[damage](many(documents[IMAGES], 3))
    ours, whole = in_pieces(documents), read_submission(documents)
    assert ours.unread == whole.unread == (IMAGES,)
    assert ours.images == ()
    named = [(each.place, each.what, each.rule) for each in ours.findings]
    assert named == [(each.place, each.what, each.rule) for each in whole.findings]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(study(version="2.0.0"), st.integers(1, 500))
def test_any_study_is_read_alike(drawn, window):
    for name, data in documents_of(drawn).items():
        whole = list(read_document(data, name=name).root.elements)
        slow = list(read_members(BytesIO(data), name=name))
        assert [each.element for each in slow[:-1]] == whole
        assert [each.element.line for each in slow[:-1]] == [each.line for each in whole]
        try:
            quick = list(plain_members(BytesIO(data), name=name, shared=Shared()))
        except NotPlainError:
            continue
        ours = [bare(each.element) for each in quick[:-1]]
        assert ours == [bare(each) for each in whole]


def bare(element):
    """Everything of an element, whichever class it is made of."""
    parts = tuple(bare(each) for each in element.children)
    return (element.tag, element.text, element.tail, element.attributes, element.is_nil, parts)


def test_a_plain_document_is_read_the_quick_way():
    data = many(written()[IMAGES], 3)
    members = list(plain_members(BytesIO(data), name=IMAGES, shared=Shared()))
    assert [each.element.tag for each in members] == ["IMAGE"] * 3 + ["IMAGE_SET"]


def test_what_is_stated_alike_is_held_once(in_pieces):
    documents = written()
    documents[SAMPLES] = many(documents[SAMPLES], 5)
    read = in_pieces(documents).specimens
    of_each = len(read) // 5  # the first of each form is read apart
    specimens = read[of_each:]
    assert len({id(each.stated) for each in specimens}) == len({each.stated for each in specimens})


def test_a_file_stands_for_its_document(tmp_path: Path, in_pieces):
    documents = written()
    place = tmp_path / "image.xml"
    place.write_bytes(documents[IMAGES])
    assert repr(in_pieces({**documents, IMAGES: place})) == repr(read_submission(documents))


def test_a_root_that_is_no_container_is_not_streamed():
    with pytest.raises(NotPlainError):
        list(read_members(BytesIO(b"<IMAGE/>"), name=IMAGES))
    with pytest.raises(MetadataError):
        list(read_members(BytesIO(b"<IMAGE_SET>"), name=IMAGES))


def test_words_beside_the_kind_of_image_are_named(in_pieces):
    documents = written()
    documents[IMAGES] = documents[IMAGES].replace(b"<IMAGE_TYPE>", b"<IMAGE_TYPE>0")
    for read in (read_submission(documents), in_pieces(documents)):
        [finding] = read.findings
        assert finding.is_error
        assert "IMAGE_TYPE" in finding.what
