"""Our documents and our structural check, against the standard's own XSDs in lxml."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import xsds
from bigpicture.metaflex.build import FileEntry
from bigpicture.metaflex.change import with_accessions, with_files, with_references
from bigpicture.metaflex.convert import convert
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.schema import SCHEMAS
from bigpicture.metaflex.structure import check_structure
from bigpicture.metaflex.tree import Document, Element
from bigpicture.metaflex.write import write_document
from bigpicture.model.entity import EntityKind
from bigpicture.model.finding import Severity
from bigpicture.model.identifiers import Accession
from invented_submission import submission
from places import shared


def problems(document: Document, line: str = "2.0") -> list[str]:
    """What the XSD says of a document."""
    return xsds.problems(line, {document.name: write_document(document)})


@cache
def documents_of(line: str) -> dict[str, Document]:
    """The invented submission in that version, as far as there are XSDs of it."""
    if line == "2.0":
        return submission()
    data = {name: write_document(each) for name, each in submission().items()}
    made = convert(data, node="Skin node").documents
    return {
        name: read_document(each, name=name)
        for name, each in made.items()
        if name.rsplit("/", 1)[-1].removesuffix(".xml") in xsds.OF_3_0
    }


@pytest.mark.parametrize("name", sorted(submission()))
def test_what_we_build_is_valid(name):
    assert problems(submission()[name]) == []


def test_what_we_change_is_valid():
    documents = submission()
    mapping = {
        (EntityKind.IMAGE, "image-1"): Accession.parse("bb-image-abcdef-234567"),
        (EntityKind.SLIDE, "slide-1"): Accession.parse("bb-sample-abcdef-234567"),
    }
    image = with_accessions(documents["METADATA/image.xml"], mapping)
    image = with_files(
        image, "image-1", [FileEntry("a.dcm", "0" * 64), FileEntry("b.dcm", "1" * 64)]
    )
    assert problems(image) == []
    dataset = with_references(
        documents["METADATA/dataset.xml"],
        [(EntityKind.OBSERVATION, "o-9"), (EntityKind.IMAGE, "i-9"), (EntityKind.IMAGE, "i-8")],
    )
    assert problems(dataset) == []


EXAMPLES = ["annotation", "dataset", "image", "landing_page", "observation", "observer"]
EXAMPLES += ["organisation", "policy", "rems", "sample", "staining"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_standards_examples_have_no_structural_error(name):
    path = shared(f"testdata/metadata/bp_xml/{name}.xml")
    document = read_document(path.read_bytes(), name=f"METADATA/{name}.xml")
    assert xsds.schema("2.0", name).validate(etree.parse(path))
    assert check_structure(document) == []


def places(element: Element, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    found = [path]
    for number, child in enumerate(element.children):
        if isinstance(child, Element):
            found += places(child, (*path, number))
    return found


def at(element: Element, path: tuple[int, ...]) -> Element:
    for number in path:
        element = element.children[number]
    return element


def put(element: Element, path: tuple[int, ...], new: tuple[Element, ...]) -> Element:
    number, *rest = path
    if rest:
        new = (put(element.children[number], tuple(rest), new),)
    children = (*element.children[:number], *new, *element.children[number + 1 :])
    return replace(element, children=children)


def damage(draw: st.DrawFn, element: Element) -> tuple[Element, ...]:
    """One mistake that people make."""
    kind = draw(
        st.sampled_from(
            [
                *("drop", "twice", "rename", "reverse", "retext"),
                *("unattribute", "undigest", "attribute", "nil"),
            ]
        )
    )
    match kind:
        case "drop":
            return ()
        case "twice":
            return (element, element)
        case "rename":
            return (replace(element, tag=draw(st.sampled_from(["WRONG", "VALUE", "ATTRIBUTES"]))),)
        case "reverse":
            return (replace(element, children=element.children[::-1]),)
        case "retext":
            text = draw(st.sampled_from(["", "0", "1e5", "-.5", "Human", "Finding", "x", "２"]))
            return (replace(element, text=text),)
        case "unattribute":
            return (replace(element, attributes=element.attributes[1:]),)
        case "undigest":
            kept = tuple(pair for pair in element.attributes if "checksum" not in pair[0][-9:])
            return (replace(element, attributes=kept),)
        case "attribute":
            name = draw(st.sampled_from(["accession", "checksum", "filetype", "strange"]))
            kept = tuple(pair for pair in element.attributes if pair[0] != name)
            return (replace(element, attributes=(*kept, (name, "bb-image-abcdef-234567"))),)
        case _:
            return (
                with_nil(element)
                if not element.is_nil
                else replace(element, is_nil=False, attributes=(), text="text"),
            )


def with_nil(element: Element) -> Element:
    return replace(
        element,
        is_nil=True,
        attributes=(*element.attributes, ("xsi:nil", "true")),
        namespaces=(("xsi", "http://www.w3.org/2001/XMLSchema-instance"),),
    )


def test_the_kind_of_image_is_never_nil():
    document = submission()["METADATA/image.xml"]
    place = next(
        each for each in places(document.root) if at(document.root, each).tag == "WSI_IMAGE"
    )
    new = with_nil(at(document.root, place))
    document = replace(document, root=put(document.root, place, (new,)))
    assert problems(document)
    assert [each.what for each in check_structure(document)] == ["WSI_IMAGE is nil."]


@pytest.mark.parametrize("line", ["2.0", "3.0"])
@settings(derandomize=True, max_examples=400, deadline=None)
@given(data=st.data())
def test_our_check_and_the_xsd_agree_on_every_mistake(line, data):
    name = data.draw(st.sampled_from(sorted(documents_of(line))))
    document = documents_of(line)[name]
    path = data.draw(st.sampled_from(places(document.root)[1:]))
    new = damage(data.draw, at(document.root, path))
    document = replace(document, root=put(document.root, path, new))
    theirs = problems(document, line)
    found = check_structure(document, SCHEMAS[line])
    ours = [each for each in found if each.severity == Severity.ERROR]
    assert bool(ours) == bool(theirs), (ours, theirs, write_document(document).decode())
