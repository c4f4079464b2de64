"""DataCite: the record that a DOI would be registered with, kernel 4.5.

https://datacite-metadata-schema.readthedocs.io/en/4.5/. A dataset without a DOI names its accession
as an alternate identifier, and its landing page as the identifier.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from bigpicture.catalogue.face.face import Face
from bigpicture.model.metadata_form import MetadataForm
from bigpicture.model.query import Facet

_KERNEL = "http://datacite.org/schema/kernel-4"
_OF_SCHEMES = (Facet.ORGAN, Facet.SPECIES, Facet.DIAGNOSIS)


def write_datacite(face: Face) -> bytes:
    """The elements in the order of the schema's documentation."""
    register_namespace("", _KERNEL)
    root = Element(f"{{{_KERNEL}}}resource")
    _add(root, "identifier", face.doi or face.address, identifierType="DOI" if face.doi else "URL")
    creators = _add(root, "creators")
    for name in face.creators:
        _add(_add(creators, "creator"), "creatorName", name, nameType="Organizational")
    titles = _add(root, "titles")
    _add(titles, "title", face.title)
    if face.short_name:
        _add(titles, "title", face.short_name, titleType="AlternativeTitle")
    _add(root, "publisher", face.publisher.name)
    _add(root, "publicationYear", str(face.year))
    _add(root, "resourceType", "Whole-slide images", resourceTypeGeneral="Dataset")
    _add_subjects(root, face)
    dates = _add(root, "dates")
    _add(dates, "date", face.published.date().isoformat(), dateType="Available")
    if face.changed.date() != face.published.date():
        _add(dates, "date", face.changed.date().isoformat(), dateType="Updated")
    others = _add(root, "alternateIdentifiers")
    _add(others, "alternateIdentifier", face.accession, alternateIdentifierType="accession")
    related = _add(root, "relatedIdentifiers")
    for form in (MetadataForm.JSON_LD, MetadataForm.CSL_JSON):
        _add(
            related,
            "relatedIdentifier",
            face.metadata(form),
            relatedIdentifierType="URL",
            relationType="HasMetadata",
        )
    _add(_add(root, "sizes"), "size", face.size)
    _add(_add(root, "formats"), "format", "application/dicom")
    _add(root, "version", face.version)
    rights = _add(root, "rightsList")
    _add(rights, "rights", face.terms_of_use, rightsURI=face.terms_address)
    if face.description:
        descriptions = _add(root, "descriptions")
        _add(descriptions, "description", face.description, descriptionType="Abstract")
    return tostring(root, "utf-8", xml_declaration=True) + b"\n"


def _add_subjects(root: Element, face: Face) -> None:
    subjects = _add(root, "subjects")
    coded = {term.label for facet in _OF_SCHEMES for term in face.terms[facet]}
    for facet in _OF_SCHEMES:
        for term in face.terms[facet]:
            scheme, _, code = term.key.rpartition(":")
            said = {"subjectScheme": scheme, "classificationCode": code} if scheme else {}
            _add(subjects, "subject", term.label, **said)
    for word in face.keywords:
        if word not in coded:
            _add(subjects, "subject", word)


def _add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    made = SubElement(parent, f"{{{_KERNEL}}}{tag}", attributes)
    made.text = text or None
    return made
