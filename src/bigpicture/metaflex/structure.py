"""Check a document's structure against the schema, saying how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from bigpicture.metaflex.attributes import TYPES, read_number, text_of
from bigpicture.metaflex.known import KnownAttribute
from bigpicture.metaflex.schema import (
    CONTAINERS,
    FILE_TAGS,
    MANY,
    NAMED,
    NILLABLE,
    SAMPLE_IMAGES,
    SCHEMAS,
    STATEMENT,
    Object,
    Part,
    Schema,
    Shape,
)
from bigpicture.metaflex.sequence import Child, SequenceChecker, shown
from bigpicture.metaflex.tree import Document, Element
from bigpicture.metaflex.version import OLDEST, schema_for
from bigpicture.model.errors import InputError
from bigpicture.model.finding import Finding, Severity
from bigpicture.model.identifiers import Accession, Alias

_LARGEST = 2**31 - 1  # xs:int
_SHA256 = re.compile(r"[0-9a-f]{64}")


def check_structure(document: Document, schema: Schema | None = None) -> list[Finding]:
    """Return every place where the document departs from its schema, in order of lines.

    Without `schema` it is the one of the version that the document itself tells, else the oldest.
    """
    checker = _Checker(document.name, schema or schema_for(document) or OLDEST)
    checker.document(document)
    return sorted(checker.findings, key=lambda finding: finding.place)


def check_member(element: Element, schema: Schema, *, container: str, name: str) -> list[Finding]:
    """Return where one element of a container departs, in order of lines."""
    checker = _Checker(name, schema)
    checker.member(element, container)
    return sorted(checker.findings, key=lambda finding: finding.place)


def check_container(root: Element, schema: Schema, *, is_empty: bool, name: str) -> list[Finding]:
    """Return where a container departs, beside what its members do."""
    checker = _Checker(name, schema)
    checker.container(root, is_empty=is_empty)
    return checker.findings


def is_sound_attribute(element: Element) -> bool:
    """Whether nothing in an attribute's element departs from the schema, in any version."""
    checker = _Checker("", OLDEST)
    checker.attribute(element)
    return not checker.findings


class _Checker(SequenceChecker):
    def __init__(self, file: str, schema: Schema) -> None:
        super().__init__(file)
        self._schema = schema
        self._forms = {each.tag: each for each in schema.objects}

    def document(self, document: Document) -> None:
        root = document.root
        if root.tag in self._forms:
            self.object(self._forms[root.tag], root)
        elif root.tag not in CONTAINERS:
            self.say(
                root,
                f"the root element {shown(root.tag)} is none of MetaFleX.",
                f"one of {', '.join(sorted(CONTAINERS))}",
                "Put the objects into the container of their class.",
            )
        else:
            self.container(root, is_empty=not root.elements)
            for child in root.elements:
                self.member(child, root.tag)

    def container(self, root: Element, *, is_empty: bool) -> None:
        """Check a container beside its members."""
        self.plain(root)
        self.known(root, set())
        if is_empty:
            self.say(
                root,
                f"{root.tag} is empty.",
                "at least one object",
                "Add one, or leave the file out where its class is optional.",
            )

    def member(self, child: Element, root: str) -> None:
        """Check what stands in a container of that tag."""
        form = self._forms.get(child.tag)
        if form is not None and form.container == root:
            self.object(form, child)
            return
        self.entity = ""
        self.say(
            child,
            f"{shown(child.tag)} does not belong into {root}.",
            " or ".join(each.tag for each in self._schema.objects if each.container == root),
            "Move it to its own file.",
        )

    def object(self, form: Object, element: Element) -> None:
        """Check one object of a class."""
        alias = element.get("alias") or ""
        self.entity = f"{form.kind.label} {alias}".strip()
        self._identity(element)
        self._parts(element, form.parts)
        self._deep(element)

    def remedy(self, element: Element, child: Element) -> str:
        """Name the version that has such a part, where one has."""
        tag = element.tag
        having = [
            each.line
            for each in SCHEMAS.values()
            if any(form.tag == tag and form.part(child.tag) for form in each.objects)
        ]
        if not having or self._schema.line in having:
            return super().remedy(element, child)
        return (
            f"It is of MetaFleX {' and '.join(having)}, and this folder is of "
            f"{self._schema.line}: keep to one version."
        )

    def _parts(self, element: Element, parts: Iterable[Part]) -> None:
        parts = tuple(parts)
        self.plain(element)
        self._choices(element, parts)
        self.sequence(element, [Child(p.tag, 0 if p.choice else p.least, p.most) for p in parts])
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
                self.say(
                    element,
                    f"{element.tag} holds {found}.",
                    "exactly one of " + ", ".join(tags),
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
        if isinstance(element, KnownAttribute) and element.is_sound:
            return
        if element.is_nil and element.tag not in NILLABLE:
            self.say(element, f"{element.tag} is nil.", "a value", "Give the value.")
        elif element.is_nil and (element.children or element.text):
            self.say(
                element,
                f"{element.tag} is nil and holds something.",
                "nothing inside",
                "Remove xsi:nil, or what it holds.",
            )
        if element.tag not in NAMED:
            self.known(element, set())
        for child in element.elements if element.tag != "IMAGE_TYPE" else ():
            self._deep(child)

    def _text(self, part: Part, element: Element) -> None:
        if any(element.elements):
            self.say(element, f"{element.tag} holds elements.", "text", "Write the value as text.")
        elif part.values and element.text not in part.values:
            self.say(
                element,
                f"{element.tag} is {shown(element.text)}.",
                "one of " + "; ".join(part.values),
                "Use a value of the list, as spelled.",
            )
        elif part.pattern and not re.fullmatch(part.pattern, element.text, re.ASCII):
            self.say(
                element,
                f"{element.tag} is {shown(element.text)}.",
                f"the pattern {part.pattern}",
                "All documents of a folder are of one version, "
                f"and read are {' and '.join(SCHEMAS)}.",
            )

    def _whole_number(self, _: Part, element: Element) -> None:
        if any(element.elements) or not re.fullmatch(r"\s*[+-]?\d{1,9}\s*", element.text, re.ASCII):
            self.say(
                element,
                f"{element.tag} is {shown(element.text)}.",
                "a whole number",
                "Write digits only.",
            )

    def _choice(self, part: Part, element: Element) -> None:
        self.plain(element)
        for child in element.elements:  # it may hold anything, and bear anything but this
            if child.is_nil:
                self.say(child, f"{child.tag} is nil.", "the element alone", "Remove xsi:nil.")
        present = [child.tag for child in element.elements]
        if len(present) != 1 or present[0] not in part.values:
            self.say(
                element,
                f"{element.tag} holds {shown(', '.join(present) or 'nothing')}.",
                "one of " + ", ".join(part.values),
                "Keep the one that is meant.",
            )

    def _reference(self, element: Element) -> None:
        if not element.get("alias") and element.get("accession"):
            self._accession(element)
            self.say(
                element,
                f"{element.tag} has an accession only.",
                "an alias beside it",
                "Name the alias too.",
                severity=Severity.WARNING,
            )
        else:
            self._identity(element)
        if any(element.elements) or element.text.strip():
            self.say(
                element,
                f"{element.tag} holds something.",
                "an empty element",
                "Name the alias in the attribute alias.",
            )

    def attribute(self, element: Element) -> None:
        """Check an attribute that stands alone."""
        self._attribute(element)
        self._deep(element)

    def _identity(self, element: Element) -> None:
        alias = element.get("alias")
        if alias is None:
            self.say(element, f"{element.tag} has no alias.", 'alias="…"', "Add the alias.")
        else:
            try:
                Alias.parse(alias)
            except InputError as error:
                self.say(
                    element,
                    f"the alias of {element.tag} is none.",
                    error.rule,
                    "Shorten it, and remove control characters.",
                )
        self._accession(element)
        self.known(element, {"alias", "accession"})

    def _accession(self, element: Element) -> None:
        accession = element.get("accession")
        if accession is not None:
            try:
                Accession.parse(accession)
            except InputError as error:
                self.say(
                    element,
                    f"the accession of {element.tag} is none.",
                    error.rule,
                    "Leave it out: the repository assigns it.",
                )

    def _files(self, part: Part, element: Element) -> None:
        tag = FILE_TAGS[element.tag]
        most = SAMPLE_IMAGES if element.tag == "SAMPLE_IMAGE_FILES" else MANY
        self.plain(element)
        self.sequence(element, [Child(tag, 1, most)])
        for file in element.all(tag):
            self._file(file, part.values)

    def _file(self, file: Element, types: tuple[str, ...]) -> None:
        self.known(
            file, {"filename", "checksum_method", "checksum", "unencrypted_checksum", "filetype"}
        )
        if file.get("filename") is None:
            self.say(file, f"{file.tag} has no filename.", 'filename="…"', "Add it.")
        if file.get("checksum_method") != "SHA256":
            self.say(
                file, f"{file.tag} has another checksum_method.", "SHA256", "Give SHA-256 digests."
            )
        for name in ("checksum", "unencrypted_checksum"):
            digest = file.get(name)
            if (digest is None and name in self._schema.digests) or (
                digest is not None and not _SHA256.fullmatch(digest)
            ):
                self.say(
                    file,
                    f"{name} of {file.tag} is no SHA-256.",
                    "64 lower-case hexadecimal digits",
                    "sha256sum prints it.",
                )
        if file.get("filetype") not in types:
            self.say(
                file,
                f"filetype of {file.tag} is {shown(file.get('filetype') or '')}.",
                " or ".join(types),
                "Name the type of the file.",
            )
        if any(file.elements) or file.text.strip():
            self.say(file, f"{file.tag} holds something.", "an empty element", "Empty it.")

    def _attributes(self, element: Element, allowed: Iterable[str]) -> None:
        allowed = tuple(allowed)
        self.plain(element)
        if element.tag == "CODE_ATTRIBUTES" and not any(element.elements):
            self.say(
                element,
                f"{element.tag} is empty.",
                "an attribute, or xsi:nil",
                'Write xsi:nil="true" where there is none.',
            )
        for child in element.elements:
            if child.tag in allowed:
                self._attribute(child)
            else:
                self.say(
                    child,
                    f"{shown(child.tag)} is not part of {element.tag}.",
                    ", ".join(allowed),
                    "Use one of the attribute types.",
                )

    def _attribute(self, element: Element) -> None:
        if isinstance(element, KnownAttribute) and element.is_sound:
            return
        units = [Child("UNITS")] if element.tag == "MEASUREMENT_ATTRIBUTE" else []
        self.plain(element)
        self.sequence(element, [Child("TAG"), Child("VALUE"), *units])
        value = element.child("VALUE")
        if value is None:
            return
        if not value.is_nil:
            self._value(element.tag, text_of(element.child("TAG")), value)

    def _value(self, kind: str, tag: str, value: Element) -> None:
        if kind == "SET_ATTRIBUTE":
            self._attributes(value, TYPES)
        elif kind == "CODE_ATTRIBUTE":
            self.plain(value)
            self.sequence(
                value, [Child(t) for t in ("CODE", "SCHEME", "MEANING", "SCHEME_VERSION")]
            )
        elif any(value.elements):
            self.say(
                value,
                f"the value of {shown(tag)} holds elements.",
                "text",
                "Use SET_ATTRIBUTE or CODE_ATTRIBUTE for structured values.",
            )
        elif kind != "STRING_ATTRIBUTE" and read_number(text_of(value)) is None:
            self.say(
                value,
                f"the value of {shown(tag)} is no number.",
                "digits, with a point for decimals and no exponent",
                'Write the number, or xsi:nil="true".',
            )
