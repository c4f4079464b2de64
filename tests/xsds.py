"""The standard's own XML schemas, in lxml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from lxml import etree

from places import shared

FOLDERS = {
    "2.0": "reference/metaflex/v2.0.0/src",
    "3.0": "reference/metaflex/v3.0.0-partial/src",
}
OF_3_0 = frozenset({"dataset", "sample", "staining", "image", "observation", "policy"})
"""The classes whose schema of 3.0 is public."""


@cache
def schema(line: str, name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared(f"{FOLDERS[line]}/BP.{name}.xsd")))


def problems(line: str, documents: Mapping[str, bytes]) -> list[str]:
    """What the XSDs of a version say of the documents; those without an XSD are passed over."""
    said: list[str] = []
    for path, data in documents.items():
        name = path.rsplit("/", 1)[-1].removesuffix(".xml")
        if line == "2.0" or name in OF_3_0:
            validator = schema(line, name)
            validator.validate(etree.fromstring(data))
            said += [f"{path}: {error}" for error in validator.error_log]
    return said
