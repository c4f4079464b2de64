"""JSON-LD: a dataset as schema.org and DCAT-AP have it, in one graph.

schema.org `Dataset` with the properties of Bioschemas' Dataset profile 1.0-RELEASE (minimum and
recommended, where the records know them: `isBasedOn` they do not), and DCAT-AP 3.0.1. The context
stands in the document, so that reading it asks nobody else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bigpicture.catalogue.face.citation import cite
from bigpicture.catalogue.face.face import Face
from bigpicture.catalogue.face.signposts import MEDIA_TYPES
from bigpicture.catalogue.terms import Term
from bigpicture.model.metadata_form import MetadataForm
from bigpicture.model.query import Facet

PROFILE = "https://bioschemas.org/profiles/Dataset/1.0-RELEASE"
_CONTEXT = {
    "@vocab": "https://schema.org/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_EU = "http://publications.europa.eu/resource/authority"
_ABOUT = (Facet.ORGAN, Facet.SPECIES, Facet.DIAGNOSIS)
_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
"""What could end a script element, or a line of one: as JSON writes it otherwise."""


def write_json_ld(face: Face) -> bytes:
    return json.dumps(json_ld(face), ensure_ascii=False, indent=1).encode() + b"\n"


def script_of(face: Face) -> str:
    """The document for a script element of HTML: nothing in it can end the element."""
    return json.dumps(json_ld(face), ensure_ascii=False).translate(_UNSAFE)


def json_ld(face: Face) -> dict[str, Any]:
    """The document; what is not known is absent."""
    graph = {
        "@context": _CONTEXT,
        "@id": face.cited_as,
        "@type": ["Dataset", "dcat:Dataset"],
        **_schema(face),
        **_dcat(face),
    }
    return _filled(graph)


def _schema(face: Face) -> dict[str, Any]:
    publisher = _organisation(face.publisher.name, face.publisher.address)
    return {
        "http://purl.org/dc/terms/conformsTo": {
            "@id": PROFILE,
            "@type": ["CreativeWork", "dct:Standard"],
        },
        "name": face.title,
        "alternateName": [each for each in (face.short_name, face.alias) if each],
        "description": face.description or face.title,
        "identifier": [each for each in (face.accession, face.doi and face.cited_as) if each],
        "url": {"@id": face.address},
        "keywords": face.keywords or ["whole-slide imaging"],
        "license": {"@id": face.terms_address, "@type": "CreativeWork", "name": face.terms_of_use},
        "conditionsOfAccess": face.access,
        "isAccessibleForFree": True if face.is_open else None,
        "creator": [_organisation(name) for name in face.creators],
        "publisher": publisher,
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "name": face.publisher.name,
            "url": {"@id": f"{face.publisher.address}/"},
        },
        "datePublished": face.published.date().isoformat(),
        "dateModified": face.changed.date().isoformat(),
        "version": face.version,
        "creditText": cite(face),
        "citation": face.references,
        "size": face.size,
        "about": [_term(each) for facet in _ABOUT for each in face.terms[facet]],
        "measurementTechnique": ["Whole-slide imaging", *_labels(face, Facet.STAIN)],
        "variableMeasured": [
            {
                "@type": "PropertyValue",
                "name": each.label,
                "description": each.description,
                "unitText": each.unit,
            }
            for each in face.variables
        ],
        "spatialCoverage": face.countries,
        "thumbnailUrl": [
            {"@id": f"{face.door}/thumbnails/{number}"} for number in range(face.pictures)
        ],
        "distribution": {
            "@id": f"{face.files}#distribution",
            "@type": ["DataDownload", "dcat:Distribution"],
            "name": "DICOM whole-slide images and their metadata, listed file by file",
            "contentUrl": {"@id": face.files},
            "encodingFormat": "application/dicom",
            "contentSize": f"{face.size_bytes} B",
            "dcat:accessURL": {"@id": face.address},
            "dct:title": "DICOM whole-slide images and their metadata",
        },
        "subjectOf": [
            {
                "@type": "DataDownload",
                "encodingFormat": MEDIA_TYPES[form],
                "contentUrl": {"@id": face.metadata(form)},
            }
            for form in (MetadataForm.DATACITE, MetadataForm.CSL_JSON, MetadataForm.BIBTEX)
        ],
    }


def _dcat(face: Face) -> dict[str, Any]:
    rights = "PUBLIC" if face.is_open else "RESTRICTED"
    return {
        "dct:title": face.title,
        "dct:description": face.description or face.title,
        "dct:identifier": face.accession,
        "dct:issued": _day(face.published.date().isoformat()),
        "dct:modified": _day(face.changed.date().isoformat()),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": face.publisher.name},
        "dct:creator": [{"@type": "foaf:Agent", "foaf:name": name} for name in face.creators],
        "dct:accessRights": {
            "@id": f"{_EU}/access-right/{rights}",
            "@type": "dct:RightsStatement",
        },
        "dcat:theme": {
            "@id": f"{_EU}/data-theme/HEAL",
            "@type": "skos:Concept",
            "skos:prefLabel": "Health",
        },
        "dcat:keyword": face.keywords,
        "dcat:landingPage": {"@id": face.address, "@type": "foaf:Document"},
        "dcat:version": face.version,
        "dcat:contactPoint": face.contact
        and {
            "@type": "vcard:Kind",
            "vcard:fn": face.creators[0],
            "vcard:hasEmail": {"@id": f"mailto:{face.contact}"},
        },
        "dcat:distribution": {"@id": f"{face.files}#distribution"},
    }


def _organisation(name: str, address: str = "") -> dict[str, Any]:
    return {"@type": "Organization", "name": name, "url": address and {"@id": f"{address}/"}}


def _term(term: Term) -> dict[str, Any]:
    scheme, _, code = term.key.rpartition(":")
    return {
        "@type": "DefinedTerm",
        "name": term.label,
        "termCode": code,
        "inDefinedTermSet": scheme,
    }


def _labels(face: Face, facet: Facet) -> list[str]:
    return [term.label for term in face.terms[facet]]


def _day(text: str) -> dict[str, str]:
    return {"@type": "xsd:date", "@value": text}


def _filled(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same without what is empty."""
    if isinstance(value, Mapping):
        held = {name: _filled(each) for name, each in value.items()}
        return {name: each for name, each in held.items() if each not in ("", None, [], {})}
    if isinstance(value, list | tuple):
        return [_filled(each) for each in value]
    return value
