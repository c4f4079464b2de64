"""Writing escapes what must be escaped and refuses what XML cannot carry."""

from __future__ import annotations

import pytest

from bigpicture.metaflex import build
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.tree import XSI, Comment, Document, Element, Instruction
from bigpicture.metaflex.write import write_container, write_document
from bigpicture.model.errors import MetadataError


def test_the_layout_is_two_spaces_a_step():
    root = Element("A", children=(Element("B", text="x"), Comment("c"), Element("D")))
    assert write_document(Document("a.xml", root)) == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<A>\n  <B>x</B>\n  <!--c-->\n  <D/>\n</A>\n'
    )


def test_text_beside_elements_is_kept_as_it_is():
    source = b"<p>one <b>two</b> three<!--x--> four</p>"
    assert source in write_document(read_document(source, name="a.xml"))


def test_preserved_blanks_are_kept():
    source = b'<a xml:space="preserve"><b> <c/> </b>\n</a>'
    assert source in write_document(read_document(source, name="a.xml"))


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\ud800", "\ufffe"])
def test_a_character_outside_xml_is_refused(bad):
    for root in (Element("A", text=bad), Element("A", attributes=(("alias", bad),))):
        with pytest.raises(MetadataError, match="cannot carry"):
            write_document(Document("a.xml", root))


@pytest.mark.parametrize(
    "node",
    [Element("a b"), Element("1"), Element("A", attributes=(("x y", ""),)), Element("a><b")],
)
def test_a_name_that_is_none_is_refused(node):
    with pytest.raises(MetadataError, match="name"):
        write_document(Document("a.xml", node))


@pytest.mark.parametrize("note", [Comment("a--b"), Comment("a-"), Instruction("a", "b?>c")])
def test_a_note_that_would_end_early_is_refused(note):
    with pytest.raises(MetadataError):
        write_document(Document("a.xml", Element("A"), before=(note,)))


def test_a_namespace_in_force_is_not_declared_again():
    inner = Element("B", namespaces=(("x", "urn:x"),))
    root = Element("A", children=(inner,), namespaces=(("x", "urn:x"),))
    assert write_document(Document("a.xml", root)).count(b"xmlns") == 1


@pytest.mark.parametrize("value", ["a\rb", "a\r\nb", "\ta\nb", "<&>\"']]>", " a "])
def test_characters_that_parsers_normalise_survive(value):
    root = Element("A", text=value, attributes=(("alias", value),))
    assert read_document(write_document(Document("a.xml", root)), name="a.xml").root == root


def test_a_container_written_member_by_member_is_the_same_document():
    members = [
        Element("A", attributes=(("alias", "é & <"),), children=(build.nil("ATTRIBUTES"),)),
        Element("B", children=(build.text("TAG", "x"), Element("C", children=(Element("D"),)))),
    ]
    whole = Element("SET", children=tuple(members), namespaces=(("xsi", XSI),))
    assert write_container("x.xml", "SET", iter(members)) == write_document(
        Document("x.xml", whole)
    )
