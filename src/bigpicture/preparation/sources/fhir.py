"""Takes resources out of what FHIR servers export: bundles, ndjson, single resources, contained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bigpicture.model.attribute import Json
from bigpicture.model.errors import InputError
from bigpicture.preparation.sources.fhir_reference import identifiers_of, key_of, with_keys
from bigpicture.preparation.sources.json_stream import Member

RESOURCES = frozenset(
    (
        "Specimen",
        "Patient",
        "ImagingStudy",
        "DiagnosticReport",
        "Observation",
        "Procedure",
        "Condition",
        "ServiceRequest",
        "Device",
        "Substance",
        "BodyStructure",
    )
)
"""What a mapping may join; practitioners, relatives and documents are not even kept."""

_DEEPEST_BUNDLE = 4
_OLDER = {
    "DiagnosticReport": ("codedDiagnosis", "image", "context"),
    "Observation": ("comment", "comments", "related", "context"),
    "ImagingStudy": ("accession", "uid", "availability", "context"),
    "Procedure": ("context", "notDone", "notPerformed"),
    "Patient": ("animal",),
    "Specimen": ("treatment", "source"),
}
"""Elements of DSTU2 and STU3 that R4 renamed or dropped; a resource does not tell its release."""


@dataclass(frozen=True, slots=True)
class Resource:
    """`key` is `Specimen/12`, `aliases` are the other names by which references may call it."""

    kind: str
    key: str
    aliases: tuple[str, ...]
    body: dict[str, Json]
    place: str
    is_older: bool


def resources_in(member: Member) -> Iterator[Resource]:
    """Yield every resource of a line, a bundle's entry or a list, contained ones after theirs.

    References in the body are rewritten to keys. Raises `InputError` where it is no resource.
    """
    value = member.value
    if isinstance(value, dict) and "resourceType" not in value and "resource" in value:
        url = value.get("fullUrl")
        yield from _resources(value["resource"], member.place, url if isinstance(url, str) else "")
    elif isinstance(value, dict) and member.path == "entry" and "resourceType" not in value:
        return
    else:
        yield from _resources(value, member.place, "")


def _resources(value: Json, place: str, url: str, depth: int = 0) -> Iterator[Resource]:
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str):
        raise InputError(
            "this is no FHIR resource: it has no resourceType.",
            place=place,
            rule="FHIR JSON, section 2.1.8.1",
            remedy="Is it an export of a laboratory system? Then write source = 'lis' in the map.",
        )
    if kind == "Bundle":
        yield from _entries(value, place, depth)
        return
    identity = value.get("id")
    own = str(identity) if isinstance(identity, str | int) and identity != "" else ""
    key = f"{kind}/{own}" if own else (url or f"{kind} at {place}")
    yield _resource(kind, key, value, place, url)
    contained = value.get("contained")
    for each in contained if isinstance(contained, list) else ():
        if isinstance(each, dict) and isinstance(each.get("resourceType"), str):
            inner = str(each["resourceType"])
            within = f"{place} {kind}.contained"
            yield _resource(inner, f"{key}#{each.get('id')}", each, within, "", parent=key)


def _entries(bundle: dict[str, Json], place: str, depth: int) -> Iterator[Resource]:
    if depth >= _DEEPEST_BUNDLE:
        raise InputError("bundles stand in bundles without an end.", place=place)
    entries = bundle.get("entry")
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and "resource" in entry:
            url = entry.get("fullUrl")
            where = f"{place} entry[{index}]"
            text = url if isinstance(url, str) else ""
            yield from _resources(entry["resource"], where, text, depth + 1)


def _resource(
    kind: str, key: str, value: dict[str, Json], place: str, url: str, parent: str = ""
) -> Resource:
    body = {name: each for name, each in value.items() if name not in ("contained", "text")}
    keyed = with_keys(body, parent or key)
    assert isinstance(keyed, dict)
    aliases = {*identifiers_of(value), *({url, key_of(url, key)} if url else ())} - {key}
    return Resource(
        kind,
        key,
        tuple(sorted(aliases)),
        keyed,
        f"{place} {kind}",
        any(name in value for name in _OLDER.get(kind, ())),
    )
