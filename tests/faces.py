"""A face of a dataset with everything that could break a form in it."""

from __future__ import annotations

from datetime import UTC, datetime

from bigpicture.catalogue.companions import VariableFacts
from bigpicture.catalogue.dataset_facts import DatasetFacts
from bigpicture.catalogue.face.face import Publisher, make_face
from bigpicture.catalogue.terms import Term
from bigpicture.catalogue.versions import Version, What
from bigpicture.model.companion import VariableType
from bigpicture.model.query import Facet

ACCESSION = "bb-dataset-facezz-facezz"
TITLE = 'Grades <b>&\\ {1}_2 "50%" #3 ~ ^ $ of</script><script>alert(1)</script> colon'
NODE = Publisher("Northern & Sons node", "https://node.example")
PUBLISHED = datetime(2026, 3, 1, 12, tzinfo=UTC)

GRADE = VariableFacts(
    name="grade",
    companion="clinical",
    entity="case",
    label="Histological grade",
    description="as the pathologist wrote it",
    type=VariableType.INTEGER,
    unit="1",
    code=None,
    categories={},
    missing={},
    established="consensus",
)


def facts(*, images=1204, beings=311, doi=None, title=TITLE, **landing):
    """The facts as the catalogue holds them."""
    row = {
        "accession": ACCESSION,
        "alias": "faces",
        "title": title,
        "short_name": "Faces",
        "description": "Two\nlines\x0b & <angles>, long enough to be a description of a dataset.",
        "version": "1.2.0",
        "metadata_standard": "2.0.0",
        "dataset_type": "Clinical/Pseudonymized",
        "tier": "controlled",
        "policy": {"title": "Terms of a kind", "type_of_access": "Direct Access", "citation": ""},
        "landing": {
            "center_name": "Sankt Aelred Hospital, Oslo",
            "keywords": ["colon", "grading"],
            "citations": ["Aelred (2026), in their own words."],
            "references": ["https://example.org/protocol"],
            "geographical_areas": ["Norway"],
            "contact_email": "access@example.org",
            "changelog": [["1.0.0", "first"], ["1.2.0", "more"]],
            "doi": doi,
            **landing,
        },
        "published": PUBLISHED,
        "seq": 1,
    }
    return DatasetFacts(
        row=row,
        counts={
            "images": images,
            "beings": beings,
            "cases": beings,
            "observations": 5,
            "annotations": 0,
        },
        facets={
            Facet.ORGAN: (Term("SNOMED CT:71854001", "Colon"),),
            Facet.STAIN: (Term("H&E", "H&E"),),
            Facet.SPECIES: (Term("SNOMED CT:337915000", "Human"),),
            Facet.DIAGNOSIS: (Term("SNOMED CT:35917007", "Adenocarcinoma"),),
        },
        thumbnails=2,
        words="",
        resolutions=(0.25,),
        size_bytes=10**12,
        variables=(GRADE,),
    )


def face(*, is_open=False, publisher=NODE, **more):
    """A face of these facts, published once."""
    versions = (Version(What.PUBLISHED, "1.2.0", PUBLISHED),)
    return make_face(facts(**more), versions, publisher, is_open=is_open)
