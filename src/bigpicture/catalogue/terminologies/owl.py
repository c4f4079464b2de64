"""Read a terminology in OWL as RDF/XML, streamed: NCI Thesaurus has close to a gigabyte of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from bigpicture.catalogue.terminologies.terminology import MOST_TERMS, Drafted, Terminology
from bigpicture.model.errors import InputError
from bigpicture.model.place import Place
from bigpicture.model.scheme import canonical_scheme

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns# "
_RDFS = "http://www.w3.org/2000/01/rdf-schema# "
_OWL = "http://www.w3.org/2002/07/owl# "
_LANGUAGE = "http://www.w3.org/XML/1998/namespace lang"
_ABOUT, _RESOURCE = f"{_RDF}about", f"{_RDF}resource"
_PART_OF = frozenset({"http://purl.obolibrary.org/obo/BFO_0000050"})
_NCI_PART_OF = "Thesaurus.owl#R82"
"""Anatomic_Structure_Is_Physical_Part_Of."""
_NCI = "Thesaurus.owl#"
_SNOMED = "http://snomed.info/id/"
_WINDOW = 1 << 20
_DEEPEST = 200
_MOST_ENTITIES, _LONGEST_ENTITY = 500, 300
_CODED = re.compile(r"([A-Za-z][A-Za-z0-9.]*)_(\S+)")


def read_owl(file: BinaryIO, *, name: str) -> Terminology:
    """Read named classes with their labels in English (or of no language).

    What a class is a subclass of, equals an intersection with, or is part of (BFO:0000050, NCI
    Thesaurus R82) is its parent. Entities may abbreviate addresses and nothing else: none stands
    inside another, none is read from outside. Raises `InputError` that names file and line.
    """
    reader = _Reader(name)
    try:
        while window := file.read(_WINDOW):
            reader.parser.Parse(window, False)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        told = expat.errors.messages[error.code]
        raise _wrong(name, error.lineno, f"it is no whole XML ({told}).") from None
    except (ValueError, LookupError) as error:
        raise _wrong(name, 1, "its encoding is not read.", "Save it as UTF-8.") from error
    return reader.done()


@dataclass(slots=True)
class _Class:
    """A class whose end has not been met."""

    iri: str
    label: str = ""
    is_deprecated: bool = False
    kinds: list[str] = field(default_factory=list[str])
    parts: list[str] = field(default_factory=list[str])


class _Reader:
    """Takes expat's events; keeps one class and the path to where it is."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._terms = Drafted(name)
        self._path: list[str] = []
        self._class: _Class | None = None
        self._property = ""
        self._text: list[str] | None = None
        self._entities = 0
        self._ontology = ""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.EntityDeclHandler = self._entity

    def done(self) -> Terminology:
        if not len(self._terms):
            raise _wrong(self._name, 1, "there is no class in it.", "Export it as OWL in RDF/XML.")
        return self._terms.done()

    def _entity(self, name: str, is_parameter: bool, value: str | None, *_: object) -> None:
        self._entities += 1
        is_plain = value is not None and "&" not in value and len(value) <= _LONGEST_ENTITY
        if is_parameter or not is_plain or self._entities > _MOST_ENTITIES:
            raise _wrong(
                self._name,
                self.parser.CurrentLineNumber,
                f"the entity {name[:40]!r} is more than an abbreviated address.",
                "Remove it: entities are not expanded in one another, nothing outside is read.",
            )

    def _start(self, tag: str, given: dict[str, str]) -> None:
        depth = len(self._path)
        self._path.append(tag)
        if depth > _DEEPEST:
            raise _wrong(self._name, self.parser.CurrentLineNumber, "it is nested too deeply.")
        if depth == 0 and tag != f"{_RDF}RDF":
            raise _wrong(
                self._name, self.parser.CurrentLineNumber, "its root is not rdf:RDF: no RDF/XML."
            )
        if depth == 1:
            self._begin(tag, given)
        elif self._class:
            self._inside(self._class, depth, tag, given)

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        iri = given.get(_ABOUT) or given.get(f"{_RDF}ID", "")
        if tag == f"{_OWL}Ontology":
            self._ontology = iri
        elif iri and tag in (f"{_OWL}Class", f"{_RDF}Description"):
            self._class = _Class(iri)

    def _inside(self, found: _Class, depth: int, tag: str, given: dict[str, str]) -> None:
        field_ = self._path[2]
        if depth == 2 and tag == f"{_RDFS}label":
            if given.get(_LANGUAGE, "en").lower().startswith("en") and not found.label:
                self._listen()
        elif depth == 2 and tag == f"{_OWL}deprecated":
            self._listen()
        elif field_ not in (f"{_RDFS}subClassOf", f"{_OWL}equivalentClass"):
            return
        elif tag == f"{_OWL}onProperty":
            self._property = given.get(_RESOURCE, "")
        elif tag == f"{_OWL}someValuesFrom":
            if self._property in _PART_OF or self._property.endswith(_NCI_PART_OF):
                found.parts.append(given.get(_RESOURCE, ""))
        elif self._is_kind(depth, tag):
            found.kinds.append(given.get(_RESOURCE) or given.get(_ABOUT, ""))

    def _is_kind(self, depth: int, tag: str) -> bool:
        """Whether a class named here is a parent: not in a union, complement or restriction."""
        path = self._path
        if path[2] == f"{_RDFS}subClassOf" and depth == 2:
            return True
        if tag not in (f"{_OWL}Class", f"{_RDF}Description"):
            return False
        within = path[3:-1]
        if path[2] == f"{_RDFS}subClassOf" and not within:
            return True
        return within == [f"{_OWL}Class", f"{_OWL}intersectionOf"]

    def _listen(self) -> None:
        self._text = []
        self.parser.CharacterDataHandler = self._text.append

    def _end(self, tag: str) -> None:
        self._path.pop()
        if self._text is not None and self._class and len(self._path) == 2:
            text = "".join(self._text).strip()
            self._text, self.parser.CharacterDataHandler = None, None
            if tag == f"{_OWL}deprecated":
                self._class.is_deprecated = text in ("true", "1")
            else:
                self._class.label = text
        elif len(self._path) == 1 and self._class:
            self._add(self._class)
            self._class = None

    def _add(self, found: _Class) -> None:
        described = found.label or found.kinds or found.parts
        if found.is_deprecated or not described:
            return
        kinds = [key for iri in found.kinds if (key := self._key(iri))]
        parts = [key for iri in found.parts if (key := self._key(iri))]
        self._terms.term(self._key(found.iri), found.label, kinds=kinds, parts=parts)
        if len(self._terms) > MOST_TERMS:
            raise _wrong(
                self._name,
                self.parser.CurrentLineNumber,
                f"there are more than {MOST_TERMS} terms.",
            )

    def _key(self, iri: str) -> str:
        """`SCHEME:CODE` of an address; empty for OWL's own."""
        if not iri or iri.startswith(_OWL.strip()):
            return ""
        last = re.split(r"[#/]", iri.rstrip("#/"))[-1]
        if _NCI in iri:
            return f"NCIT:{last}"
        if iri.startswith(_SNOMED):
            return f"SNOMED CT:{last}"
        if coded := _CODED.fullmatch(last):
            return f"{canonical_scheme(coded[1])}:{coded[2]}"
        return f"{re.split(r'[#/]', self._ontology.rstrip('#/'))[-1] or 'OWL'}:{last}"


def _wrong(name: str, line: int, what: str, remedy: str = "Get the file anew.") -> InputError:
    return InputError(what, place=str(Place(name, line)), rule="OWL 2 in RDF/XML", remedy=remedy)
