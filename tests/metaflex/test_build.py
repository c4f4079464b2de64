"""What is built reads back as what was meant."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigpicture.metaflex import build
from bigpicture.metaflex.attributes import read_attributes, read_number
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.tree import Document
from bigpicture.metaflex.write import write_document
from bigpicture.model.attribute import Attribute, AttributeType, Measurement
from bigpicture.model.code import Code
from bigpicture.model.entity import EntityKind

LIVER = Code("10200004", "SNOMED CT", "Liver structure", "2024-01")


def back(*members) -> tuple[Attribute, ...]:
    element = build.attributes(members)
    written = write_document(Document("a.xml", element))
    return read_attributes(read_document(written, name="a.xml").root, line=1)


def test_every_type_reads_back():
    assert back(
        build.string_attribute("a", "text"),
        build.string_attribute("b", None),
        build.numeric_attribute("c", 0.1),
        build.measurement_attribute("d", Decimal("1e-7"), "mm"),
        build.code_attribute("e", LIVER),
        build.code_attribute("f", None),
        build.set_attribute("g", [build.string_attribute("h", "inner")]),
        build.set_attribute("i", None),
    ) == (
        Attribute("a", AttributeType.STRING, "text"),
        Attribute("b", AttributeType.STRING, None),
        Attribute("c", AttributeType.NUMERIC, Decimal("0.1")),
        Attribute("d", AttributeType.MEASUREMENT, Measurement(Decimal("0.0000001"), "mm")),
        Attribute("e", AttributeType.CODE, LIVER),
        Attribute("f", AttributeType.CODE, None),
        Attribute("g", AttributeType.SET, (Attribute("h", AttributeType.STRING, "inner"),)),
        Attribute("i", AttributeType.SET, None),
    )


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_reads_back_exactly(number):
    [attribute] = back(build.numeric_attribute("n", number))
    assert float(attribute.value) == number


@pytest.mark.parametrize("text", ["1e5", "NaN", "INF", "", "1_000", "1,5", "２", "0x1"])
def test_what_xs_decimal_refuses_is_no_number(text):
    assert read_number(text) is None


@pytest.mark.parametrize("text", ["1", "-1.50", "+.5", "5."])
def test_what_xs_decimal_allows_is_a_number(text):
    assert read_number(text) == Decimal(text)


def test_parts_are_put_in_the_schemas_order():
    specimen = build.entity(
        EntityKind.SPECIMEN,
        "s",
        [build.reference("PART_OF_CASE_REF", "c"), build.reference("EXTRACTED_FROM_REF", "b")],
    )
    assert [each.tag for each in specimen.elements] == [
        "EXTRACTED_FROM_REF",
        "PART_OF_CASE_REF",
        "ATTRIBUTES",
    ]


def test_a_document_is_named_and_declares_nil_once():
    being = build.entity(EntityKind.BEING, "b", stated=[build.string_attribute("sex", None)])
    document = build.document([being, being])
    assert document.name == "METADATA/sample.xml"
    assert write_document(document).count(b"xmlns") == 1
    assert read_document(write_document(document), name="x") == document
