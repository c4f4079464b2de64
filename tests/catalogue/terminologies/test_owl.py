"""OWL in RDF/XML: named classes, labels, intersections; and files made to harm."""

from __future__ import annotations

import io

import pytest

from bigpicture.catalogue.terminologies.owl import read_owl
from bigpicture.catalogue.terminologies.terminology import Terminology
from bigpicture.model.errors import InputError
from places import shared

HEAD = """<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [ <!ENTITY obo "http://purl.obolibrary.org/obo/"> ]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#" xmlns:owl="http://www.w3.org/2002/07/owl#">
<owl:Ontology rdf:about="http://example.org/made.owl"/>
"""
NCI = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl#"
SMALL = f"""{HEAD}
<owl:Class rdf:about="&obo;MADE_1"><rdfs:label xml:lang="de">Organ (de)</rdfs:label>
  <rdfs:label xml:lang="en">organ &amp; more</rdfs:label></owl:Class>
<owl:Class rdf:about="&obo;MADE_2">
  <rdfs:label>gut</rdfs:label>
  <rdfs:subClassOf rdf:resource="&obo;MADE_1"/>
  <rdfs:subClassOf><owl:Restriction><owl:onProperty rdf:resource="&obo;BFO_0000050"/>
    <owl:someValuesFrom rdf:resource="&obo;MADE_3"/></owl:Restriction></rdfs:subClassOf>
  <rdfs:subClassOf><owl:Restriction><owl:onProperty rdf:resource="&obo;RO_0002202"/>
    <owl:someValuesFrom rdf:resource="&obo;MADE_9"/></owl:Restriction></rdfs:subClassOf>
  <owl:disjointWith rdf:resource="&obo;MADE_8"/>
</owl:Class>
<owl:Class rdf:about="{NCI}C2">
  <rdfs:label>Second</rdfs:label>
  <owl:equivalentClass><owl:Class><owl:intersectionOf rdf:parseType="Collection">
    <rdf:Description rdf:about="{NCI}C1"/>
    <owl:Restriction><owl:onProperty rdf:resource="{NCI}R82"/>
      <owl:someValuesFrom rdf:resource="{NCI}C3"/></owl:Restriction>
  </owl:intersectionOf></owl:Class></owl:equivalentClass>
</owl:Class>
<owl:Class rdf:about="http://example.org/made.owl#Liver">
  <owl:equivalentClass><owl:Class><owl:unionOf rdf:parseType="Collection">
    <rdf:Description rdf:about="{NCI}C7"/></owl:unionOf></owl:Class></owl:equivalentClass>
  <rdfs:subClassOf rdf:resource="http://www.w3.org/2002/07/owl#Thing"/>
</owl:Class>
<rdf:Description rdf:about="&obo;MADE_5"><rdfs:subClassOf rdf:resource="&obo;MADE_2"/>
</rdf:Description>
<owl:Class rdf:about="&obo;MADE_6"><rdfs:label>old</rdfs:label>
  <owl:deprecated rdf:datatype="http://www.w3.org/2001/XMLSchema#boolean">true</owl:deprecated>
</owl:Class>
</rdf:RDF>
"""


def read(text: str) -> Terminology:
    return read_owl(io.BytesIO(text.encode()), name="made.owl")


def parents(terms: Terminology) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {key: [] for key in terms.keys}
    for below, above in zip(terms.below, terms.above, strict=True):
        found[terms.keys[below]].append(terms.keys[above])
    return found


def test_superclasses_intersections_and_parts_lead_to_parents() -> None:
    terms = read(SMALL)

    assert parents(terms) == {
        "MADE:1": [],
        "MADE:2": ["MADE:1", "MADE:3"],
        "MADE:3": [],
        "NCIT:C2": ["NCIT:C1", "NCIT:C3"],
        "NCIT:C1": [],
        "NCIT:C3": [],
        "made.owl:Liver": [],
        "MADE:5": ["MADE:2"],
    }
    labels = dict(zip(terms.keys, terms.labels, strict=True))
    assert (labels["MADE:1"], labels["MADE:2"], labels["MADE:3"]) == ("organ & more", "gut", "3")


def test_the_data_use_ontology_is_read() -> None:
    with shared("testdata/ontology/duo.owl").open("rb") as file:
        terms = read_owl(file, name="duo.owl")

    labels = dict(zip(terms.keys, terms.labels, strict=True))
    assert labels["DUO:0000046"] == "non-commercial use only"  # as duo.csv beside it says
    assert parents(terms)["DUO:0000046"] == ["DUO:0000018"]
    assert parents(terms)["DUO:0000018"] == ["DUO:0000017"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no whole XML"),
        (SMALL[: len(SMALL) // 2], "no whole XML"),
        ("<html/>", "no RDF/XML"),
        (HEAD + "</rdf:RDF>", "no class"),
        (HEAD.replace("?>", ' encoding="utf-77"?>', 1) + "</rdf:RDF>", "no whole XML|encoding"),
        (HEAD + "<owl:Class rdf:about='x'>" + "<owl:x>" * 400, "too deeply"),
        (
            HEAD.replace("> ]>", '><!ENTITY b "&obo;&obo;"> ]>', 1) + "</rdf:RDF>",
            "entity 'b' is more",
        ),
        (
            HEAD.replace("> ]>", '><!ENTITY b SYSTEM "file:///etc/passwd"> ]>', 1) + "</rdf:RDF>",
            "entity 'b' is more",
        ),
        (HEAD.replace("> ]>", '><!ENTITY % p "x"> ]>', 1) + "</rdf:RDF>", "entity 'p' is more"),
    ],
)
def test_what_is_wrong_or_made_to_harm_is_refused(text: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        read(text)

    assert caught.value.place.startswith("made.owl")
    assert caught.value.remedy
