import json

import pytest

from bigpicture.catalogue.face.citation import cite
from bigpicture.catalogue.face.csl import write_csl
from bigpicture.catalogue.face.face import read_doi
from bigpicture.catalogue.face.forms import FORMATS
from bigpicture.catalogue.face.json_ld import json_ld, script_of
from bigpicture.catalogue.face.signposts import MEDIA_TYPES, Link
from bigpicture.model.metadata_form import MetadataForm
from faces import ACCESSION, face

MINIMUM = ("@context", "@type", "@id", "description", "identifier", "keywords", "license", "name",
           "url", "http://purl.org/dc/terms/conformsTo")  # fmt: skip
RECOMMENDED = ("alternateName", "citation", "creator", "datePublished", "distribution",
               "includedInDataCatalog", "measurementTechnique", "variableMeasured",
               "version")  # fmt: skip
"""Bioschemas Dataset profile 1.0-RELEASE, https://bioschemas.org/profiles/Dataset/1.0-RELEASE.

Of the recommended ones `isBasedOn` is left out: it names a study, of which the records know none.
"""


def test_the_citation_is_in_the_form_that_datacite_prefers():
    """Creator (PublicationYear): Title. Version. Publisher. (resourceTypeGeneral). Identifier."""
    told = face(title="Colon", doi="10.5072/abc-1")
    assert cite(told) == (
        "Sankt Aelred Hospital, Oslo (2026): Colon. Version 1.2.0. Northern & Sons node. "
        "(Dataset). https://doi.org/10.5072/abc-1"
    )
    without = cite(face(title="Which colon?"))
    assert without == (
        "Sankt Aelred Hospital, Oslo (2026): Which colon? Version 1.2.0. Northern & Sons node. "
        f"(Dataset). {ACCESSION}. https://node.example/datasets/{ACCESSION}"
    )


@pytest.mark.parametrize(
    ("stated", "doi"),
    [
        ("10.5072/a(b)c", "10.5072/a(b)c"),
        ("doi:10.5072/abc", "10.5072/abc"),
        ("https://doi.org/10.5072/abc", "10.5072/abc"),
        (" 10.5072/abc\r\nLink: <evil>", "10.5072/abc"),
        ("pending", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_doi_is_read_in_any_form(stated, doi):
    assert read_doi(stated) == doi


def test_what_bioschemas_asks_for_is_there():
    told = json_ld(face())
    assert [name for name in (*MINIMUM, *RECOMMENDED) if not told.get(name)] == []
    assert told["http://purl.org/dc/terms/conformsTo"]["@id"].endswith("/Dataset/1.0-RELEASE")


def test_a_dataset_without_words_of_its_own_still_has_the_minimum():
    bare = face(title="T", keywords=[], center_name=None, citations=[], references=[])
    told = json_ld(bare)
    assert [name for name in MINIMUM if not told.get(name)] == []
    assert told["creator"] == [{"@type": "Organization", "name": "Northern & Sons node"}]
    assert "citation" not in told


def test_nothing_in_the_document_ends_the_script_element():
    script = script_of(face())
    assert not set("<>&\u2028\u2029") & set(script)
    assert json.loads(script) == json_ld(face())


@pytest.mark.parametrize("form", MetadataForm)
def test_few_beings_show_in_no_form(form):
    """3 images of 2 beings behind a grant: neither number is told, in whatever form."""
    written = [
        FORMATS[form].write(face(images=images, beings=beings)).decode()
        for images, beings in ((7919, 2), (6841, 4))
    ]
    assert written[0] == written[1]
    assert form in MEDIA_TYPES


def test_of_an_open_dataset_everything_is_told():
    told = json_ld(face(images=3, beings=1, is_open=True))
    assert told["size"] == "3 whole-slide images of 1 biological being"
    assert told["isAccessibleForFree"] is True
    assert "isAccessibleForFree" not in json_ld(face())


def test_the_wording_of_the_contributors_is_kept_apart():
    assert face().wordings == ("Aelred (2026), in their own words.",)
    assert "own words" not in write_csl(face()).decode()


def test_a_link_cannot_be_broken_out_of():
    link = str(Link("item", 'http://x/>; rel="evil', "a/b"))
    assert link == '<http://x/%3E;%20rel=%22evil>; rel="item"; type="a/b"'
