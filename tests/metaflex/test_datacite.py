"""Our reading of DataCite 4.5 beside DataCite's own schema, which is the oracle."""

from __future__ import annotations

import random
from collections.abc import Iterator
from copy import deepcopy

import pytest
from lxml import etree

from bigpicture.metaflex.datacite import FILE, check_datacite, read_datacite
from bigpicture.metaflex.datacite_kernel import LISTS
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.write import write_document
from bigpicture.standard.check import check
from invented_submission import FILES, submission
from places import shared

NAMESPACE = "http://datacite.org/schema/kernel-4"
RECORD = f"""<resource xmlns="{NAMESPACE}">
 <identifier identifierType="DOI">10.5072/invented</identifier>
 <creators>
  <creator>
   <creatorName nameType="Personal" xml:lang="en">Quellenbrück, Erika</creatorName>
   <givenName>Erika</givenName>
   <familyName>Quellenbrück</familyName>
   <nameIdentifier nameIdentifierScheme="ORCID" schemeURI="https://orcid.org">0000</nameIdentifier>
   <affiliation affiliationIdentifier="x" affiliationIdentifierScheme="ROR">Nowhere</affiliation>
  </creator>
  <creator><creatorName nameType="Organizational">University of Nowhere</creatorName></creator>
 </creators>
 <titles>
  <title xml:lang="en">Invented livers</title><title titleType="Subtitle">All</title></titles>
 <publisher publisherIdentifier="x" publisherIdentifierScheme="ROR" schemeURI="y">Nobody</publisher>
 <publicationYear>2026</publicationYear>
 <resourceType resourceTypeGeneral="Dataset">Slides</resourceType>
 <subjects><subject subjectScheme="s" valueURI="u" classificationCode="c">liver</subject></subjects>
 <contributors>
  <contributor contributorType="DataManager">
   <contributorName>Zwirnhofer, Jürgen</contributorName><givenName>Jürgen</givenName>
  </contributor>
 </contributors>
 <dates><date dateType="Created" dateInformation="made">2026-01-01</date></dates>
 <language>en</language>
 <alternateIdentifiers>
  <alternateIdentifier alternateIdentifierType="local">a</alternateIdentifier>
 </alternateIdentifiers>
 <relatedIdentifiers>
  <relatedIdentifier relatedIdentifierType="DOI" relationType="IsCitedBy">b</relatedIdentifier>
 </relatedIdentifiers>
 <sizes><size>1 GB</size></sizes>
 <formats><format>DICOM</format></formats>
 <version>1.0.0</version>
 <rightsList><rights rightsURI="u" rightsIdentifier="i" xml:lang="en">Some</rights></rightsList>
 <descriptions><description descriptionType="Abstract">One<br/>Two</description></descriptions>
 <geoLocations>
  <geoLocation>
   <geoLocationPlace>Nowhere</geoLocationPlace>
   <geoLocationPoint>
    <pointLongitude>4.5</pointLongitude><pointLatitude>-67.3</pointLatitude>
   </geoLocationPoint>
   <geoLocationBox>
    <westBoundLongitude>1</westBoundLongitude><eastBoundLongitude>2</eastBoundLongitude>
    <southBoundLatitude>3</southBoundLatitude><northBoundLatitude>4</northBoundLatitude>
   </geoLocationBox>
  </geoLocation>
 </geoLocations>
 <fundingReferences>
  <fundingReference>
   <funderName>Fund</funderName>
   <funderIdentifier funderIdentifierType="ROR">x</funderIdentifier>
   <awardNumber awardURI="u">1</awardNumber><awardTitle>Award</awardTitle>
  </fundingReference>
 </fundingReferences>
 <relatedItems>
  <relatedItem relatedItemType="Journal" relationType="IsPublishedIn">
   <relatedItemIdentifier relatedItemIdentifierType="ISSN">1</relatedItemIdentifier>
   <creators><creator><creatorName>Nobody</creatorName></creator></creators>
   <titles><title>Journal</title></titles>
   <publicationYear>2025</publicationYear>
   <volume>1</volume><issue>2</issue><number numberType="Article">3</number>
   <firstPage>4</firstPage><lastPage>5</lastPage><publisher>P</publisher><edition>6</edition>
   <contributors>
    <contributor contributorType="Editor"><contributorName>N</contributorName></contributor>
   </contributors>
  </relatedItem>
 </relatedItems>
</resource>
"""


@pytest.fixture(scope="module")
def oracle():
    return etree.XMLSchema(etree.parse(shared("specs/datacite/kernel-4.5/metadata.xsd")))


def wrong(data: bytes | str):
    data = data.encode() if isinstance(data, str) else data
    return check_datacite(read_document(data, name=FILE))


def mutants(root) -> Iterator[tuple[str, bytes]]:
    """Each element left out, twice, emptied, renamed, moved up, given text; each attribute too."""
    count = len(list(root.iter(etree.Element)))
    for at in range(1, count):
        for name, change in CHANGES.items():
            copy = deepcopy(root)
            element = list(copy.iter(etree.Element))[at]
            change(element)
            yield f"{name} {element.tag.split('}')[1]}", etree.tostring(copy)
        for key in list(root.iter(etree.Element))[at].attrib:
            for value in (None, "Nonsense"):
                copy = deepcopy(root)
                attributes = list(copy.iter(etree.Element))[at].attrib
                attributes.pop(key) if value is None else attributes.__setitem__(key, value)
                yield f"{key} {value}", etree.tostring(copy)


def _move_up(element) -> None:
    parent = element.getparent()
    parent.remove(element)
    parent.insert(0, element)


def _rename(element) -> None:
    element.tag = f"{{{NAMESPACE}}}nonsense"


def _clear(element) -> None:
    element.text = ""


def _say(element) -> None:
    element.text = "nonsense"


def _add(element) -> None:
    etree.SubElement(element, f"{{{NAMESPACE}}}nonsense")


CHANGES = {
    "without": lambda element: element.getparent().remove(element),
    "twice": lambda element: element.getparent().append(deepcopy(element)),
    "empty": _clear,
    "renamed": _rename,
    "first": _move_up,
    "saying nonsense": _say,
    "holding nonsense": _add,
    "with nonsense": lambda element: element.set("nonsense", "x"),
}
STRICTER = ("empty creatorName", "empty title", "nameIdentifier", "affiliation")
"""A creator or a title without a word passes the schema, and says nothing; two elements that the
documentation describes are of any type in the schema, which names their type by `xsi:type`."""


def is_stricter(name: str) -> bool:
    return any(each in name for each in STRICTER)


def test_a_whole_record_is_sound(oracle):
    assert oracle.validate(etree.fromstring(RECORD.encode()))
    assert wrong(RECORD) == []


def test_what_the_schema_refuses_is_named(oracle):
    """Some 670 mutants: ours and the schema agree on each, but where ours is stricter."""
    root = etree.fromstring(RECORD.encode())
    tried, differing = 0, []
    for name, data in mutants(root):
        tried += 1
        ours, theirs = not wrong(data), oracle.validate(etree.fromstring(data))
        if ours != theirs and not (is_stricter(name) and theirs):
            differing.append((name, ours, theirs))
    assert tried > 600
    assert differing == []


def test_two_mutations_at_once_agree_as_well(oracle):
    chance = random.Random(7)
    firsts = list(mutants(etree.fromstring(RECORD.encode())))
    for name, data in chance.sample(firsts, 60):
        for second, again in chance.sample(list(mutants(etree.fromstring(data))), 5):
            agreed = (not wrong(again)) == oracle.validate(etree.fromstring(again))
            assert agreed or is_stricter(f"{name} {second}"), (name, second)


def test_each_controlled_list_is_the_schemas(oracle):
    place = shared("specs/datacite/kernel-4.5/include/datacite-titleType-v4.xsd").parent
    files = {
        "resourceTypeGeneral": "resourceType",
        "relatedItemType": "resourceType",
        "relatedItemIdentifierType": "relatedIdentifierType",
    }
    for name, values in LISTS.items():
        schema = etree.parse(place / f"datacite-{files.get(name, name)}-v4.xsd")
        assert set(values) == set(schema.xpath("//@value")) - {""}, name


def test_a_finding_says_where_what_and_how():
    [finding] = wrong(RECORD.replace('"DataManager"', '"Boss"'))
    assert (finding.rule, finding.place.file, finding.place.line) == ("5.4.17", FILE, 20)
    assert finding.what == "contributorType is 'Boss'."
    assert "DataManager" in finding.expected
    assert finding.remedy


@pytest.mark.parametrize(
    "data",
    [
        "<resource/>",
        '<resource xmlns="http://datacite.org/schema/kernel-3"/>',
        '<x xmlns="http://datacite.org/schema/kernel-4"/>',
        "<DATASET_SET/>",
    ],
)
def test_what_is_no_record_is_one_finding(data):
    [finding] = wrong(data)
    assert "kernel 4" in finding.what


def test_a_prefix_is_as_good_as_none():
    prefixed = RECORD.replace("xmlns=", "xmlns:d=").replace("</", "</d:").replace("<", "<d:")
    assert wrong(prefixed.replace("<d:/d:", "</d:")) == []


def found(record: str):
    documents = {name: write_document(each) for name, each in submission().items()}
    documents[FILE] = record.encode()
    return check(read_submission(documents), FILES)


def test_beside_its_dataset_a_record_that_says_the_same_is_silent():
    """Its creators are persons, and at home there."""
    assert found(RECORD) == []


@pytest.mark.parametrize(
    ("written", "instead", "what"),
    [
        ("Invented livers", "Invented lungs", "title is 'Invented lungs'."),
        (">1.0.0<", ">2.0<", "version is '2.0'."),
        (">2026</publicationYear>", ">2025</publicationYear>", "publicationYear is '2025'."),
        ('"Dataset">', '"Software">', "resourceTypeGeneral is 'Software'."),
    ],
)
def test_what_differs_from_the_dataset_is_a_warning(written, instead, what):
    [finding] = found(RECORD.replace(written, instead))
    assert (finding.rule, finding.what, finding.is_error) == ("5.4.17", what, False)
    assert finding.place.line


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0"])
def test_a_version_may_be_written_shorter(version):
    assert found(RECORD.replace(">1.0.0<", f">{version}<")) == []


def test_a_patient_in_a_description_is_told():
    [finding] = found(RECORD.replace(">One<", ">Patient: Gwendolyn Hartshaven<"))
    assert (finding.rule, finding.is_error) == ("BP-name", True)
    assert "Hartshaven" not in str(finding.as_json())


def test_the_example_of_the_submitter_is_sound():
    data = shared("reference/metaflex/examples/metadata-submitter/datacite.xml").read_bytes()
    document = read_document(data, name=FILE)
    assert check_datacite(document) == []
    assert read_datacite(document).year.text == "2022"
