"""Writes a coded value of FHIR as one word: code, name or both."""

from __future__ import annotations

from bigpicture.model.attribute import Json
from bigpicture.preparation.sources.json_path import dicts
from bigpicture.preparation.sources.mapping import Show

_SCHEMES = {
    "http://snomed.info/sct": "SNOMED CT",
    "urn:oid:2.16.840.1.113883.6.96": "SNOMED CT",
    "http://www.genenames.org": "HGNC",
    "http://www.genenames.org/geneId": "HGNC",
    "http://terminology.hl7.org/CodeSystem/icd-o-3": "ICD-O-3",
    "http://hl7.org/fhir/sid/icd-o-3": "ICD-O-3",
    "urn:oid:2.16.840.1.113883.6.43.1": "ICD-O-3",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://dicom.nema.org/resources/ontology/DCM": "DCM",
}
"""The code systems of FHIR that the standard knows, those that researchers search first."""
_ORDER = list(dict.fromkeys(_SCHEMES.values()))


def code_text(value: dict[str, Json], show: Show) -> str | None:
    """The text of a CodeableConcept, a CodeableReference, a Coding or a Quantity; else None.

    Of several codings the one counts whose scheme the standard knows. A concept without any code
    gives its own text.
    """
    if isinstance(value.get("concept"), dict):
        return code_text(_dict(value["concept"]), show)
    if "coding" in value or set(value) == {"text"}:
        codings = sorted(dicts(value.get("coding")), key=_rank)
        told = _coding(codings[0], show) if codings else ""
        return told or _text(value.get("text"))
    if "code" in value or "display" in value:
        return _quantity(value) if "value" in value else _coding(value, show)
    return _quantity(value) if "value" in value and "unit" in value else None


def _coding(coding: dict[str, Json], show: Show) -> str:
    code, words = _text(coding.get("code")), _text(coding.get("display"))
    scheme = _SCHEMES.get(_text(coding.get("system")))
    if show is Show.BARE:
        return code
    if show is Show.CODE and scheme and code:
        return f"{scheme}:{code.removeprefix('HGNC:')} {words}".strip()
    return words or code


def _rank(coding: dict[str, Json]) -> int:
    scheme = _SCHEMES.get(_text(coding.get("system")))
    return _ORDER.index(scheme) if scheme else len(_ORDER)


def _quantity(value: dict[str, Json]) -> str:
    return f"{_text(value.get('value'))} {_text(value.get('unit', value.get('code')))}".strip()


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _dict(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
