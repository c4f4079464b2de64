"""The public metadata of a dataset, read by programs that no one here wrote."""

from __future__ import annotations

import json

import bibtexparser
import pytest
import rispy
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle
from citeproc import formatter as formatters
from citeproc.source.json import CiteProcJSON
from httplink import parse_link_header
from lxml import etree
from pyshacl import validate
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF

from bigpicture.catalogue.face.forms import FORMATS
from bigpicture.catalogue.face.signposts import header, page_links
from bigpicture.metaflex.datacite import FILE, check_datacite
from bigpicture.metaflex.read import read_document
from bigpicture.model.metadata_form import MetadataForm
from faces import ACCESSION, TITLE, face
from places import shared

SCHEMA = Namespace("https://schema.org/")
PAGE = f"https://node.example/datasets/{ACCESSION}"
DOI = "10.5072/colon-1"
FACES = pytest.mark.parametrize(
    "told",
    [face(), face(doi=DOI, is_open=True), face(keywords=[], references=[], center_name=None)],
    ids=["controlled", "with a DOI", "bare"],
)


def written(form, told):
    return FORMATS[form].write(told)


def graph_of(told):
    return Graph().parse(data=written(MetadataForm.JSON_LD, told), format="json-ld")


def test_rdflib_reads_schema_org_and_dcat_from_one_document():
    graph = graph_of(face(doi=DOI))
    dataset = URIRef(f"https://doi.org/{DOI}")
    assert {SCHEMA.Dataset, DCAT.Dataset} <= set(graph.objects(dataset, RDF.type))
    assert graph.value(dataset, SCHEMA.name) == graph.value(dataset, DCTERMS.title)
    assert graph.value(dataset, SCHEMA.name) == Literal(TITLE)
    assert graph.value(dataset, SCHEMA.url) == URIRef(PAGE)
    assert graph.value(dataset, SCHEMA.license) == URIRef(f"{PAGE}#terms")
    creator = graph.value(dataset, SCHEMA.creator)
    assert graph.value(creator, SCHEMA.name) == Literal("Sankt Aelred Hospital, Oslo")
    codes = {
        str(graph.value(term, SCHEMA.termCode)) for term in graph.objects(dataset, SCHEMA.about)
    }
    assert codes == {"71854001", "337915000", "35917007"}
    assert (None, SCHEMA.contentUrl, None) in graph
    access = str(graph.value(dataset, DCTERMS.accessRights))
    assert access.endswith("/access-right/RESTRICTED")


@FACES
@pytest.mark.parametrize("shapes", ["shapes", "range"])
def test_it_conforms_to_the_shapes_of_dcat_ap(told, shapes):
    """DCAT-AP 3.0.1, cardinalities and ranges."""
    rules = Graph().parse(shared(f"specs/dcat/dcat-ap-3.0.1-shacl/{shapes}.ttl"))
    graph = graph_of(told)
    conforms, _, text = validate(graph, shacl_graph=rules, advanced=False)
    assert conforms, text


@FACES
def test_the_datacite_record_is_valid_by_both_schemas(told):
    data = written(MetadataForm.DATACITE, told)
    for version in ("4.5", "4.6"):
        schema = etree.XMLSchema(
            etree.parse(shared(f"specs/datacite/kernel-{version}/metadata.xsd"))
        )
        schema.assertValid(etree.fromstring(data))
    assert check_datacite(read_document(data, name=FILE)) == []


def test_bibtexparser_reads_the_entry():
    library = bibtexparser.parse_string(written(MetadataForm.BIBTEX, face(doi=DOI)).decode())
    assert library.failed_blocks == []
    (entry,) = library.entries
    assert (entry.entry_type, entry.key) == ("dataset", ACCESSION)
    fields = {field.key: field.value for field in entry.fields}
    assert fields["author"] == "{Sankt Aelred Hospital, Oslo}"
    assert fields["doi"] == DOI
    assert (fields["year"], fields["version"]) == ("2026", "1.2.0")
    decoded = bibtexparser.parse_string(
        written(MetadataForm.BIBTEX, face()).decode(),
        append_middleware=[bibtexparser.middlewares.LatexDecodingMiddleware()],
    )
    told = {field.key: field.value for field in decoded.entries[0].fields}
    # pylatexenc drops \textbraceleft, and reads \textasciicircum as the accent
    known = (
        TITLE.replace("{", "")
        .replace("}", "")
        .replace("^", "\N{MODIFIER LETTER CIRCUMFLEX ACCENT}")
    )
    assert told["title"] == known
    assert told["publisher"] == "Northern & Sons node"


@pytest.mark.parametrize("title", ["open { brace", "} closed", "\\", "a % b", "{{{", "\\}"])
def test_no_title_breaks_the_entry(title):
    library = bibtexparser.parse_string(written(MetadataForm.BIBTEX, face(title=title)).decode())
    assert library.failed_blocks == []
    assert [entry.key for entry in library.entries] == [ACCESSION]
    assert len(library.entries[0].fields) == 8


def test_rispy_reads_the_record():
    (entry,) = rispy.loads(written(MetadataForm.RIS, face(doi=DOI)).decode())
    assert entry["type_of_reference"] == "DATA"
    assert entry["title"] == TITLE
    assert entry["authors"] == ["Sankt Aelred Hospital, Oslo"]
    assert entry["doi"] == DOI
    assert entry["keywords"][:2] == ["colon", "grading"]


def test_citeproc_cites_from_csl_json():
    items = json.loads(written(MetadataForm.CSL_JSON, face(title="Grades of colon", doi=DOI)))
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatters.plain)
    bibliography.register(Citation([CitationItem(ACCESSION.lower())]))
    (line,) = map(str, bibliography.bibliography())
    assert "Sankt Aelred Hospital, Oslo" in line
    assert "2026" in line
    assert "Grades of colon" in line


def test_httplink_reads_the_signposts():
    """FAIR Signposting Profile, level 1: https://signposting.org/FAIR/."""
    found = parse_link_header(header(page_links(face(doi=DOI)))).links

    def targets(relation):
        return [each.target for each in found if relation in each.rel]

    assert targets("cite-as") == [f"https://doi.org/{DOI}"]
    assert targets("type") == ["https://schema.org/AboutPage", "https://schema.org/Dataset"]
    assert targets("license") == [f"{PAGE}#terms"]
    assert targets("item") == [f"https://node.example/api/v1/datasets/{ACCESSION}/files"]
    kinds = {each["type"] for each in found if "describedby" in each.rel}
    assert {"application/ld+json", "application/vnd.datacite.datacite+xml"} <= kinds
    (set_of_links,) = [each for each in found if "linkset" in each.rel]
    assert set_of_links["type"] == "application/linkset+json"


def test_the_set_of_links_says_what_the_header_says():
    """RFC 9264, section 4.2: a list of objects by anchor, relations as lists of targets."""
    told = face(doi=DOI)
    contexts = {
        each["anchor"]: each for each in json.loads(written(MetadataForm.LINKSET, told))["linkset"]
    }
    page = contexts[told.address]
    for link in page_links(told):
        if link.relation != "linkset":
            assert link.target in [each["href"] for each in page[link.relation]]
    for each in page["describedby"]:
        assert contexts[each["href"]]["describes"][0]["href"] == told.address
    assert contexts[told.files]["collection"][0]["href"] == told.address
