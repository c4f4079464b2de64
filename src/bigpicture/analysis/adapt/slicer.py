"""Slicer command-line modules (Slicer Execution Model, also HistomicsTK's): XML."""

from __future__ import annotations

from typing import Any, NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from bigpicture.analysis.adapt.imported import (
    Gathering,
    Imported,
    id_of,
    name_of,
    version_of,
)
from bigpicture.model.algorithm import Output, OutputKind
from bigpicture.model.errors import InputError

_PLAIN = {
    "integer": "integer",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "string": "string",
    "string-enumeration": "string",
    "integer-enumeration": "integer",
    "float-enumeration": "number",
    "double-enumeration": "number",
}
_READ = {"integer": int, "number": float, "string": str}
_LABELS = "label"
_DRAWN = frozenset({"geometry", "point", "pointfile", "measurement"})


def from_slicer(data: bytes, *, place: str) -> Imported:
    """Read one; raises `InputError` where it is no executable, or nothing that it gives fits."""
    root = _tree(data, place)
    if root.tag != "executable":
        raise InputError("this is no Slicer command-line module.", place=place, rule="<executable>")
    found, slides = Gathering(), [0]
    for group in root.findall("parameters"):
        for each in group:
            if each.tag not in ("label", "description"):
                _read(each, found, slides)
    if not slides[0]:
        found.leave("parameters", "no input image: it is given the slide all the same")
    if not found.outputs:
        raise InputError("none of its outputs fits.", place=place)
    title = _text(root, "title") or place
    return found.done(
        name=id_of(title, otherwise="slicer"),
        version=version_of(_text(root, "version")),
        title=title,
        licence=_text(root, "license"),
        description=_text(root, "description"),
        written_as="Slicer command-line module",
    )


def _tree(data: bytes, place: str) -> Element:
    """The elements of a document; one with a document type, and so with entities, is none."""
    builder, parser = TreeBuilder(), expat.ParserCreate()

    def refuse(*_: object) -> NoReturn:
        raise InputError(
            "it has a document type.", place=place, remedy="Take the <!DOCTYPE> out of it."
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, AssertionError) as error:
        raise InputError("this is no XML.", place=place) from error


def _read(each: Element, found: Gathering, slides: list[int]) -> None:
    kind, name = str(each.tag), _text(each, "name") or _text(each, "longflag").strip("-")
    is_output = _text(each, "channel") == "output"
    place = f"{kind} {name}"
    if kind == "image" and not is_output:
        slides[0] += 1
        if slides[0] > 1:
            found.leave(place, "an algorithm is given one slide at a time")
    elif is_output:
        _read_output(each, kind, name, place, found)
    elif kind in _PLAIN:
        _read_parameter(each, kind, name, place, found)
    elif kind == "region":
        found.leave(place, "the whole slide is given; what to look at is the algorithm's to find")
    else:
        found.leave(place, f"a {kind} cannot be given: only numbers, words and the slide")


def _read_output(each: Element, kind: str, name: str, place: str, found: Gathering) -> None:
    if kind == "image":
        is_mask = each.get("type") == _LABELS
        output = Output(name_of(name), OutputKind.MASK if is_mask else OutputKind.HEATMAP)
        if is_mask:
            found.leave(place, "the names of its classes are not told; name them in the manifest")
        found.outputs.append(output)
    elif kind in _DRAWN or _is_annotation(each):
        found.outputs.append(Output(name_of(name), OutputKind.GEOMETRY))
    elif kind in _PLAIN:
        found.outputs.append(Output(name_of(name), OutputKind.FACET))
    else:
        found.leave(place, f"a {kind} is no value; give it as shapes, a map or numbers")


def _is_annotation(each: Element) -> bool:
    """HistomicsTK writes shapes into a file of annotations."""
    endings = str(each.get("fileExtensions") or "")
    return each.tag == "file" and (".anot" in endings or each.get("reference") == "_annotation")


def _read_parameter(each: Element, kind: str, name: str, place: str, found: Gathering) -> None:
    schema: dict[str, Any] = {"type": _PLAIN[kind]}
    if kind == "boolean":
        schema["default"] = _text(each, "default").lower() == "true"
    else:
        read = _READ[schema["type"]]
        values = {"default": _text(each, "default")}
        limits = each.find("constraints")
        if limits is not None and schema["type"] != "string":
            values |= {"minimum": _text(limits, "minimum"), "maximum": _text(limits, "maximum")}
        try:
            schema |= {key: read(value) for key, value in values.items() if value}
        except ValueError:
            found.leave(place, "its default is of another type")
            return
        if kind.endswith("-enumeration"):
            schema["enum"] = [read(one.text or "") for one in each.findall("element")]
    if text := _text(each, "description"):
        schema["description"] = text[:1000]
    found.parameters[name_of(name)] = schema


def _text(element: Element, name: str) -> str:
    return " ".join(str(element.findtext(name) or "").split())
