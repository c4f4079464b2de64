"""Check a document's structure against the schema, saying how to mend it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bigpicture.metaflex.attributes import TYPES, read_number, text_of
from bigpicture.metaflex.schema import (
    BY_TAG,
    CONTAINERS,
    DATACITE,
    FILE_TAGS,
    MANY,
    NAMED,
    NILLABLE,
    SAMPLE_IMAGES,
    STATEMENT,
    Object,
    Part,
    Shape,
)
from bigpicture.metaflex.tree import Comment, Document, Element, Instruction
from bigpicture.model.errors import InputError
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.identifiers import Accession, Alias
from bigpicture.model.place import Place

RULE = "MetaFleX"
_LARGEST = 2**31 - 1  # xs:int
_SHA256 = re.compile(r"[0-9a-f]{64}")


def objects(document: Document) -> Iterator[Element]:
    """Return the objects of a document: the container's members, or a root that is one itself."""
    if document.root.tag in BY_TAG:
        yield document.root
    elif document.root.tag in CONTAINERS:
        yield from (child for child in document.root.elements if child.tag in BY_TAG)


def check_structure(document: Document) -> list[Finding]:
    """Return every place where the document departs from MetaFleX 2.0, in order of lines."""
    checker = _Checker(document.name)
    checker.document(document)
    return sorted(checker.findings, key=lambda finding: finding.place)


@dataclass(frozen=True, slots=True)
class _Child:
    """What a sequence may hold at one of its places."""

    tag: str
    least: int = 1
    most: int = 1


class _Checker:
    def __init__(self, file: str) -> None:
        self.findings: list[Finding] = []
        self._name = file
        self._entity = ""

    def document(self, document: Document) -> None:
        root = document.root
        if ("", DATACITE) in root.namespaces:
            return
        if root.tag in BY_TAG:
            self._object(BY_TAG[root.tag], root)
        elif root.tag not in CONTAINERS:
            self._say(
                root,
                f"the root element {_shown(root.tag)} is none of MetaFleX.",
                f"one of {', '.join(sorted(CONTAINERS))}",
                "Put the objects into the container of their class.",
            )
        else:
            self._container(root)

    def _container(self, root: Element) -> None:
        wanted = {each.tag: each for each in BY_TAG.values() if each.container == root.tag}
        self._plain(root)
        self._known(root, set())
        if not any(root.elements):
            self._say(
                root,
                f"{root.tag} is empty.",
                "at least one object",
                "Add one, or leave the file out where its class is optional.",
            )
        for child in root.elements:
            if child.tag in wanted:
                self._object(wanted[child.tag], child)
            else:
                self._entity = ""
                self._say(
                    child,
                    f"{_shown(child.tag)} does not belong into {root.tag}.",
                    " or ".join(wanted),
                    "Move it to its own file.",
                )

    def _object(self, schema: Object, element: Element) -> None:
        alias = element.get("alias") or ""
        self._entity = f"{schema.kind.label} {alias}".strip()
        self._identity(element)
        self._parts(element, schema.parts)
        self._deep(element)

    def _parts(self, element: Element, parts: Iterable[Part]) -> None:
        parts = tuple(parts)
        self._plain(element)
        self._choices(element, parts)
        self._sequence(element, [_Child(p.tag, 0 if p.choice else p.least, p.most) for p in parts])
        by_tag = {part.tag: part for part in parts}
        for child in element.elements:
            if child.tag in by_tag:
                self._part(by_tag[child.tag], child)

    def _choices(self, element: Element, parts: tuple[Part, ...]) -> None:
        for choice in dict.fromkeys(part.choice for part in parts if part.choice):
            tags = [part.tag for part in parts if part.choice == choice]
            present = dict.fromkeys(each.tag for each in element.elements if each.tag in tags)
            if len(present) != 1:
                found = " and ".join(present) or "none"
                self._say(
                    element,
                    f"{element.tag} holds {found}.",
                    "exactly one of " + ", ".join(tags),
                    "Keep the one that is meant.",
                )

    def _sequence(self, element: Element, wanted: list[_Child]) -> None:
        """Check names, numbers and order of the child elements."""
        order = {child.tag: number for number, child in enumerate(wanted)}
        present = list(element.elements)
        counts = Counter(child.tag for child in present)
        for child in wanted:
            self._number(element, child, counts[child.tag])
        reached = -1
        for child in present:
            if child.tag not in order:
                self._say(
                    child,
                    f"{_shown(child.tag)} is not part of {element.tag}.",
                    ", ".join(order),
                    "Remove it, or put the value into ATTRIBUTES.",
                )
            elif order[child.tag] < reached:
                self._say(
                    child,
                    f"{child.tag} stands too late in {element.tag}.",
                    "the order " + ", ".join(order),
                    "Put the elements into that order.",
                )
            else:
                reached = order[child.tag]

    def _number(self, element: Element, child: _Child, count: int) -> None:
        if count < child.least:
            self._say(
                element,
                f"{element.tag} has no {child.tag}.",
                f"{child.tag} once" + (" or more" if child.most == MANY else ""),
                f"Add {child.tag}.",
            )
        elif count > child.most:
            self._say(
                element,
                f"{element.tag} has {count} times {child.tag}.",
                f"at most {child.most}",
                "Keep the one that is meant.",
            )

    def _part(self, part: Part, element: Element) -> None:
        if element.is_nil:
            return
        checks: Mapping[Shape, Callable[[Part, Element], None]] = {
            Shape.TEXT: self._text,
            Shape.WHOLE_NUMBER: self._whole_number,
            Shape.REFERENCE: lambda _, found: self._reference(found),
            Shape.FILES: self._files,
            Shape.ATTRIBUTES: lambda _, found: self._attributes(found, TYPES),
            Shape.CODES: lambda _, found: self._attributes(found, ("CODE_ATTRIBUTE",)),
            Shape.CHOICE: self._choice,
            Shape.STATEMENT: lambda _, found: self._parts(found, STATEMENT),
        }
        checks[part.shape](part, element)

    def _deep(self, element: Element) -> None:
        """Check what says nil and what bears attributes, here and below."""
        if element.is_nil and element.tag not in NILLABLE:
            self._say(element, f"{element.tag} is nil.", "a value", "Give the value.")
        elif element.is_nil and (element.children or element.text):
            self._say(
                element,
                f"{element.tag} is nil and holds something.",
                "nothing inside",
                "Remove xsi:nil, or what it holds.",
            )
        if element.tag not in NAMED:
            self._known(element, set())
        for child in element.elements if element.tag != "IMAGE_TYPE" else ():
            self._deep(child)

    def _text(self, part: Part, element: Element) -> None:
        if any(element.elements):
            self._say(element, f"{element.tag} holds elements.", "text", "Write the value as text.")
        elif part.values and element.text not in part.values:
            self._say(
                element,
                f"{element.tag} is {_shown(element.text)}.",
                "one of " + "; ".join(part.values),
                "Use a value of the list, as spelled.",
            )
        elif part.pattern and not re.fullmatch(part.pattern, element.text, re.ASCII):
            self._say(
                element,
                f"{element.tag} is {_shown(element.text)}.",
                f"the pattern {part.pattern}",
                "This release reads MetaFleX 2.0.",
            )

    def _whole_number(self, _: Part, element: Element) -> None:
        if any(element.elements) or not re.fullmatch(r"\s*[+-]?\d{1,9}\s*", element.text, re.ASCII):
            self._say(
                element,
                f"{element.tag} is {_shown(element.text)}.",
                "a whole number",
                "Write digits only.",
            )

    def _choice(self, part: Part, element: Element) -> None:
        present = [child.tag for child in element.elements]
        if len(present) != 1 or present[0] not in part.values:
            self._say(
                element,
                f"{element.tag} holds {_shown(', '.join(present) or 'nothing')}.",
                "one of " + ", ".join(part.values),
                "Keep the one that is meant.",
            )

    def _reference(self, element: Element) -> None:
        if element.get("alias") is None and element.get("accession"):
            self._accession(element)
            self._say(
                element,
                f"{element.tag} has an accession only.",
                "an alias beside it",
                "Name the alias too.",
                severity=Severity.WARNING,
            )
        else:
            self._identity(element)
        if any(element.elements) or element.text.strip():
            self._say(
                element,
                f"{element.tag} holds something.",
                "an empty element",
                "Name the alias in the attribute alias.",
            )

    def _identity(self, element: Element) -> None:
        alias = element.get("alias")
        if alias is None:
            self._say(element, f"{element.tag} has no alias.", 'alias="…"', "Add the alias.")
        else:
            try:
                Alias.parse(alias)
            except InputError as error:
                self._say(
                    element,
                    f"the alias of {element.tag} is none.",
                    error.rule,
                    "Shorten it, and remove control characters.",
                )
        self._accession(element)
        self._known(element, {"alias", "accession"})

    def _accession(self, element: Element) -> None:
        accession = element.get("accession")
        if accession is not None:
            try:
                Accession.parse(accession)
            except InputError as error:
                self._say(
                    element,
                    f"the accession of {element.tag} is none.",
                    error.rule,
                    "Leave it out: the repository assigns it.",
                )

    def _files(self, part: Part, element: Element) -> None:
        tag = FILE_TAGS[element.tag]
        most = SAMPLE_IMAGES if element.tag == "SAMPLE_IMAGE_FILES" else MANY
        self._plain(element)
        self._sequence(element, [_Child(tag, 1, most)])
        for file in element.all(tag):
            self._file(file, part.values)

    def _file(self, file: Element, types: tuple[str, ...]) -> None:
        self._known(
            file, {"filename", "checksum_method", "checksum", "unencrypted_checksum", "filetype"}
        )
        if file.get("filename") is None:
            self._say(file, f"{file.tag} has no filename.", 'filename="…"', "Add it.")
        if file.get("checksum_method") != "SHA256":
            self._say(
                file, f"{file.tag} has another checksum_method.", "SHA256", "Give SHA-256 digests."
            )
        for name in ("checksum", "unencrypted_checksum"):
            digest = file.get(name)
            if (digest is None and name == "checksum") or (
                digest is not None and not _SHA256.fullmatch(digest)
            ):
                self._say(
                    file,
                    f"{name} of {file.tag} is no SHA-256.",
                    "64 lower-case hexadecimal digits",
                    "sha256sum prints it.",
                )
        if file.get("filetype") not in types:
            self._say(
                file,
                f"filetype of {file.tag} is {_shown(file.get('filetype') or '')}.",
                " or ".join(types),
                "Name the type of the file.",
            )
        if any(file.elements) or file.text.strip():
            self._say(file, f"{file.tag} holds something.", "an empty element", "Empty it.")

    def _attributes(self, element: Element, allowed: Iterable[str]) -> None:
        allowed = tuple(allowed)
        self._plain(element)
        if element.tag == "CODE_ATTRIBUTES" and not any(element.elements):
            self._say(
                element,
                f"{element.tag} is empty.",
                "an attribute, or xsi:nil",
                'Write xsi:nil="true" where there is none.',
            )
        for child in element.elements:
            if child.tag in allowed:
                self._attribute(child)
            else:
                self._say(
                    child,
                    f"{_shown(child.tag)} is not part of {element.tag}.",
                    ", ".join(allowed),
                    "Use one of the attribute types.",
                )

    def _attribute(self, element: Element) -> None:
        units = [_Child("UNITS")] if element.tag == "MEASUREMENT_ATTRIBUTE" else []
        self._plain(element)
        self._sequence(element, [_Child("TAG"), _Child("VALUE"), *units])
        value = element.child("VALUE")
        if value is None:
            return
        if not value.is_nil:
            self._value(element.tag, text_of(element.child("TAG")), value)

    def _value(self, kind: str, tag: str, value: Element) -> None:
        if kind == "SET_ATTRIBUTE":
            self._attributes(value, TYPES)
        elif kind == "CODE_ATTRIBUTE":
            self._plain(value)
            self._sequence(
                value, [_Child(t) for t in ("CODE", "SCHEME", "MEANING", "SCHEME_VERSION")]
            )
        elif any(value.elements):
            self._say(
                value,
                f"the value of {_shown(tag)} holds elements.",
                "text",
                "Use SET_ATTRIBUTE or CODE_ATTRIBUTE for structured values.",
            )
        elif kind != "STRING_ATTRIBUTE" and read_number(text_of(value)) is None:
            self._say(
                value,
                f"the value of {_shown(tag)} is no number.",
                "digits, with a point for decimals and no exponent",
                'Write the number, or xsi:nil="true".',
            )

    def _plain(self, element: Element) -> None:
        """Say where text stands among elements."""
        if element.text.strip() or any(child.tail.strip() for child in element.children):
            self._say(
                element,
                f"text stands among the elements of {element.tag}.",
                "elements only",
                "Put the text into an element.",
            )

    def _known(self, element: Element, names: set[str]) -> None:
        for name, _ in element.attributes:
            if name not in names and not name.startswith(("xsi:", "xml:")):
                self._say(
                    element,
                    f"{element.tag} has an attribute {_shown(name)}.",
                    ", ".join(sorted(names)) or "no attribute",
                    "Remove it.",
                )

    def _say(
        self,
        element: Element | Comment | Instruction,
        what: str,
        expected: str,
        remedy: str,
        *,
        severity: Severity = Severity.ERROR,
    ) -> None:
        place = Place(self._name, element.line)
        self.findings.append(
            Finding(RULE, severity, place, what, expected, remedy, entity=self._entity)
        )


def _shown(text: str) -> str:
    """Return a value short enough for a table, control characters made visible."""
    return repr(text if len(text) <= 40 else text[:39] + "…")
