"""Every text that a submission holds, with who speaks in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bigpicture.model.annotation import Annotation
from bigpicture.model.attribute import Attribute, Measurement
from bigpicture.model.code import Code
from bigpicture.model.dataset import DatasetHeader
from bigpicture.model.entity import Entity, EntityKind
from bigpicture.model.image_metadata import Image
from bigpicture.model.landing_page import LandingPage
from bigpicture.model.observation import Observation
from bigpicture.model.observer import Observer
from bigpicture.model.organisation import Organisation
from bigpicture.model.place import Place
from bigpicture.model.rems import Rems
from bigpicture.model.scheme import canonical_scheme
from bigpicture.model.staining import Staining
from bigpicture.model.study import Study
from bigpicture.standard.people.listed import listed
from bigpicture.standard.sctid import is_concept


class Voice(StrEnum):
    """Who speaks, and so whose names may stand there."""

    RECORD = "record"
    """Of one being, specimen, slide: nobody's name belongs there."""
    MAKERS = "makers"
    """Of the whole dataset: its makers may name themselves."""
    CITED = "cited"
    """Authors are named there."""
    BODY = "body"
    """An organisation, a vendor or a machine, often named after somebody."""


@dataclass(frozen=True, slots=True)
class Text:
    """`context` is what stands before it and tells what it is, such as a tag of its own."""

    text: str
    where: str
    entity: Entity | None
    place: Place
    voice: Voice = Voice.RECORD
    is_label: bool = False
    context: str = ""


_OF_MAKERS = frozenset(
    {EntityKind.DATASET, EntityKind.POLICY, EntityKind.LANDING_PAGE, EntityKind.REMS}
)
_CITED = listed("""
cite_as citation references reference required_citation required_custom_acknowledgments
required_custom_acknowledgment required_bigpicture_acknowledgment
""")
_BODIES = listed("""
center_name antibody_vendor commercial_name scanner_manufacturers_name manufacturers_model_name
software_versions device_serial_number geographical_area
""")
_FIELDS: tuple[tuple[type[Entity], str, Voice], ...] = (
    (DatasetHeader, "title", Voice.MAKERS),
    (DatasetHeader, "short_name", Voice.MAKERS),
    (DatasetHeader, "description", Voice.MAKERS),
    (DatasetHeader, "version", Voice.MAKERS),
    (DatasetHeader, "metadata_standard", Voice.MAKERS),
    (DatasetHeader, "types", Voice.MAKERS),
    (DatasetHeader, "owner_email", Voice.BODY),
    (LandingPage, "rems_access_link", Voice.BODY),
    (Organisation, "name", Voice.BODY),
    (Organisation, "pic_code", Voice.BODY),
    (Organisation, "datamanager_group", Voice.BODY),
    (Observation, "text", Voice.RECORD),
    (Observation, "statement", Voice.RECORD),
    (Observation, "status", Voice.RECORD),
    (Observer, "type", Voice.RECORD),
    (Rems, "workflow_id", Voice.BODY),
    (Rems, "organisation_id", Voice.BODY),
)
_DIGEST = re.compile(r"[0-9a-f]{64}|dcm|json|jpg|jpeg|png")
_REMEMBERED = 20_000
"""Attributes in which nothing was seen, up to this; beyond, they are rather all different."""
_LONG_NUMBER = 8
"""Digits from which on a number may be somebody's."""


def texts(study: Study, known_tags: Set[str], sighted: Callable[[], int]) -> Iterator[Text]:
    """Yield every text of the study; a tag that is none of `known_tags` is one, and a context.

    `sighted` tells how much was seen in what was yielded so far: an attribute in which nothing was
    is not gone through again for the other objects that share it.
    """
    innocent: set[tuple[int, Voice]] = set()
    fields_of = {kind: tuple(each for each in _FIELDS if each[0] is kind) for kind, *_ in _FIELDS}
    for entity in study.entities:
        yield Text(entity.alias, "the alias", entity, entity.place, is_label=True)
        yield from _fields(entity, fields_of.get(type(entity), ()))
        voice = _voice(entity)
        for stated in _stated(entity):
            of_all = sighted()
            for attribute in stated if (id(stated), voice) not in innocent else ():
                key = (id(attribute), voice)
                if key not in innocent:
                    before = sighted()
                    yield from _attributes(entity, (attribute,), known_tags, voice)
                    if sighted() == before and len(innocent) < _REMEMBERED:
                        innocent.add(key)
            if sighted() == of_all and len(innocent) < _REMEMBERED:
                innocent.add((id(stated), voice))
        yield from _files(entity)
    for aside in study.asides:
        yield Text(aside.text, "a comment", None, aside.place)
    for record in study.datacite:
        for aside in record.prose:
            yield Text(aside.text, "the DataCite record", None, aside.place, Voice.MAKERS)


def _files(entity: Entity) -> Iterator[Text]:
    if not isinstance(entity, (Image, Annotation, LandingPage)):
        return
    for file in entity.thumbnails if isinstance(entity, LandingPage) else entity.files:
        yield Text(file.filename, "the name of a file", entity, file.place, is_label=True)
        for other in (file.checksum, file.unencrypted_checksum, file.filetype):
            if other and not _DIGEST.fullmatch(other):
                yield Text(other, "an entry of a file", entity, file.place)


def _voice(entity: Entity) -> Voice:
    return Voice.MAKERS if entity.kind in _OF_MAKERS else Voice.RECORD


def _fields(entity: Entity, of_kind: Iterable[tuple[type[Entity], str, Voice]]) -> Iterator[Text]:
    for _, field, voice in of_kind:
        value = getattr(entity, field)
        for each in value if isinstance(value, tuple) else (value,):
            if each:
                yield Text(each, field.replace("_", " "), entity, entity.place, voice)


def _stated(entity: Entity) -> Iterator[Iterable[Attribute]]:
    yield entity.stated
    if isinstance(entity, Observation):
        yield from (entity.coded, entity.custom, entity.remarks)
    elif isinstance(entity, Staining):
        yield from entity.parts


def _attributes(
    entity: Entity, attributes: Iterable[Attribute], known_tags: Set[str], voice: Voice
) -> Iterator[Text]:
    for attribute in attributes:
        tag, value = attribute.tag, attribute.value
        speaks = Voice.CITED if tag in _CITED else Voice.BODY if tag in _BODIES else voice
        place = entity.place_of(attribute)
        is_known = tag in known_tags
        if not is_known:
            yield Text(tag, "a tag", entity, place, speaks)
        where = tag if is_known else "an attribute of its own"
        context = "" if is_known else tag.replace("_", " ") + ": "
        if isinstance(value, tuple):
            yield from _attributes(entity, value, known_tags, speaks)
            continue
        for text in _of(value):
            yield Text(text, where, entity, place, speaks, context=context)


def _of(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Code(code=code, scheme=scheme, meaning=meaning, scheme_version=version):
            yield meaning
            if not (canonical_scheme(scheme) == "SNOMED CT" and is_concept(code)):
                yield code
            yield from (each for each in (scheme, version) if each)
        case Measurement(value=number, units=units):
            yield units
            yield from _of(number)
        case Decimal():
            digits = format(value, "f")
            if len(digits) >= _LONG_NUMBER:
                yield digits
        case _:
            return
