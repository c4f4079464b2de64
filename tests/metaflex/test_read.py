"""Reading trusts nothing, loses nothing, and names file, line and remedy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bigpicture.metaflex.read import DEPTH, read_document
from bigpicture.metaflex.tree import Comment, Document, Element, Instruction
from bigpicture.metaflex.write import write_document
from bigpicture.model.errors import MetadataError
from places import SHARED, shared

EXAMPLES = sorted(
    str(path.relative_to(SHARED))
    for folder in ("reference/metaflex/examples", "testdata/metadata/bp_xml")
    for path in (SHARED / folder).rglob("*.xml")
)


def canonical(data: bytes) -> bytes:
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False)
    return etree.tostring(etree.fromstring(data, parser), method="c14n")


def test_the_examples_are_there_to_be_read():
    shared("reference/metaflex/examples")
    assert len(EXAMPLES) >= 36


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_survives_reading_and_writing(example):
    source = shared(example).read_bytes()
    document = read_document(source, name=example)
    written = write_document(document)
    assert read_document(written, name=example) == document
    assert canonical(written) == canonical(source)  # W3C C14N as lxml computes it


@pytest.mark.parametrize("example", EXAMPLES)
def test_lines_are_those_an_editor_shows(example):
    source = shared(example).read_bytes()
    lines = source.decode().splitlines()

    def walk(element):
        assert f"<{element.tag}" in lines[element.line - 1]
        for child in element.elements:
            walk(child)

    walk(read_document(source, name=example).root)


def refused(data: bytes) -> MetadataError:
    with pytest.raises(MetadataError) as caught:
        read_document(data, name="METADATA/image.xml")
    assert caught.value.place.startswith("METADATA/image.xml")
    assert caught.value.remedy
    return caught.value


def test_billion_laughs_are_refused():
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    error = refused(
        b'<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY l0 "ha">' + laughs + b"]><a>&l9;</a>"
    )
    assert error.place.endswith(":2")
    assert "DOCTYPE" in error.remedy


def test_an_external_entity_is_never_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    data = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;</a>'.encode()
    assert "secret" not in refused(data).what


def test_a_document_type_hidden_in_utf_16_is_refused():
    refused('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"))


def test_utf_16_is_read():
    document = read_document('<a alias="é">π</a>'.encode("utf-16"), name="a.xml")
    assert (document.root.get("alias"), document.root.text) == ("é", "π")


@pytest.mark.parametrize("declared", ["utf-7", "iso-8859-1", "cp037", "nonsense"])
def test_other_encodings_are_refused(declared):
    error = refused(f'<?xml version="1.0" encoding="{declared}"?><a/>'.encode())
    assert "UTF-8" in error.remedy


def test_bytes_that_are_not_utf_8_name_their_line():
    error = refused(b"<a>\n<b>fine</b>\n<b>\xff</b>\n</a>")
    assert error.place == "METADATA/image.xml:3"
    assert "UTF-8" in error.what


@pytest.mark.parametrize("cut", [10, 20, 33])
def test_a_truncated_document_says_so(cut):
    whole = b"<SET>\n <A alias='1'/>\n <A alias='2'/>\n</SET>"
    assert "ends too early" in refused(whole[:cut]).what


def test_nesting_stops_at_the_cap():
    read_document(b"<a>" * DEPTH + b"</a>" * DEPTH, name="a.xml")
    assert "nested" in refused(b"<a>" * (DEPTH + 1) + b"</a>" * (DEPTH + 1)).what
    refused(b"<a>" * 1_000_000)


def test_size_stops_at_the_cap():
    with pytest.raises(MetadataError, match="11 bytes"):
        read_document(b"<abcdefgh/>", name="a.xml", size=10)


@pytest.mark.parametrize("data", [b"", b" \n", b"<a><b></a>", b"<a/><b/>", b"<x:a/>", b"\x00"])
def test_what_is_not_xml_is_refused(data):
    refused(data)


def test_comments_instructions_cdata_and_nil_are_kept():
    data = (
        b"<?style sheet?><!--before--><a xmlns:i='http://www.w3.org/2001/XMLSchema-instance'>"
        b"<!--in--><b i:nil='1'/><c><![CDATA[<&>]]></c></a><!--after-->"
    )
    document = read_document(data, name="a.xml")
    assert document.before == (Instruction("style", "sheet"), Comment("before"))
    assert document.after == (Comment("after"),)
    b, c = document.root.elements
    assert b.is_nil
    assert b.get("i:nil") == "1"
    assert c.text == "<&>"
    assert canonical(write_document(document)) == canonical(data)


def test_nil_counts_only_in_its_own_namespace():
    root = read_document(b"<a><b nil='true'/></a>", name="a.xml").root
    assert not root.elements[0].is_nil


def test_lines_hold_past_65535():
    data = b"<a>" + b"\n" * 70_000 + b"<b/></a>"
    assert read_document(data, name="a.xml").root.elements[0].line == 70_001


CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r<>&\"'")
TEXTS = st.text(CHARACTERS.filter(lambda c: c not in "\ufffe\uffff"), max_size=12)
NAMES = st.sampled_from(["A", "B", "TAG", "x-y.z", "xml:space"])


def elements() -> st.SearchStrategy[Element]:
    def element(tag, text, attributes, children):
        return Element(tag, text=text, attributes=attributes, children=children)

    tags = st.sampled_from(["A", "VALUE", "é"])
    pairs = st.dictionaries(st.sampled_from(["alias", "b"]), TEXTS).map(lambda d: tuple(d.items()))
    leaves = st.builds(element, tags, TEXTS, pairs, st.just(()))
    return st.recursive(
        leaves,
        lambda inner: st.builds(
            element, tags, st.just(""), pairs, st.lists(inner, min_size=1, max_size=4).map(tuple)
        ),
        max_leaves=12,
    )


@given(elements())
def test_every_tree_survives_writing_and_reading(root):
    document = Document("a.xml", root)
    assert read_document(write_document(document), name="a.xml") == document


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data):
    try:
        document = read_document(data, name="a.xml")
    except MetadataError:
        return
    assert read_document(write_document(document), name="a.xml") == document


@given(st.sampled_from(EXAMPLES or [""]), st.data())
def test_a_damaged_example_is_read_or_refused_like_lxml(example, data):
    source = bytearray(shared(example).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        source[data.draw(st.integers(0, len(source) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_document(bytes(source), name=example)
    except MetadataError:
        return
    try:
        etree.fromstring(bytes(source))  # what we take, the peer takes too
    except etree.XMLSyntaxError as error:
        # but for the name of a namespace: libxml2 alone wants it to be a URI
        if {each.type_name for each in error.error_log} != {"WAR_NS_URI"}:
            raise
