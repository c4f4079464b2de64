"""Convert the documents of a dataset folder to another version of MetaFleX, all or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bigpicture.metaflex.datacite import is_datacite
from bigpicture.metaflex.losses_3_0 import losses
from bigpicture.metaflex.read import read_document
from bigpicture.metaflex.schema import SCHEMAS, Schema
from bigpicture.metaflex.structure import check_structure
from bigpicture.metaflex.submission import read_submission
from bigpicture.metaflex.to_3_0 import Converter
from bigpicture.metaflex.tree import Document
from bigpicture.metaflex.v3_0 import NODES
from bigpicture.metaflex.version import schema_for
from bigpicture.metaflex.write import write_document
from bigpicture.model.errors import MetadataError
from bigpicture.model.finding import Finding, Severity

_FROM, _TO = SCHEMAS["2.0"], SCHEMAS["3.0"]


@dataclass(frozen=True, slots=True)
class Conversion:
    """The documents of the new version, and what it cannot carry.

    `lost` are errors where the conversion was refused, and then there are no documents; warnings
    where a person said that they may be left out.
    """

    documents: dict[str, bytes]
    lost: tuple[Finding, ...]


def convert(
    documents: Mapping[str, bytes], *, node: str, to: str = "3.0", drop: bool = False
) -> Conversion:
    """Return the documents of MetaFleX 3.0, by the paths of those of 2.0.

    `node` is the Bigpicture node, which 2.0 does not know. Comments, order and what is no MetaFleX
    stay; with `drop`, what 3.0 has no place for is left out. A dataset of one landing page refers
    to it.

    Raises `MetadataError` where the documents are not sound 2.0, or the node is none of the list.
    """
    if ".".join(to.split(".")[:2]) != _TO.line:
        raise MetadataError(
            f"there is no conversion to MetaFleX {to!a:.20}.",
            remedy=f"Convert from {_FROM.line} to {_TO.line}.",
        )
    if node not in NODES:
        raise MetadataError(
            f"{node!a:.40} is none of the Bigpicture nodes." if node else "no node is named.",
            rule="MetaFleX 3.0, BIGPICTURE_NODE",
            remedy=f"Name the one that was agreed for the dataset: {'; '.join(NODES)}.",
        )
    read = {name: read_document(data, name=name) for name, data in documents.items()}
    if any(schema_for(each) is _TO for each in read.values()):
        raise MetadataError(
            f"these documents are of MetaFleX {_TO.line} already, or partly.",
            rule="MSMdad 1.1.5",
            remedy="Nothing is to be done; `bigpicture validate` shows what is not.",
        )
    _check(read, _FROM, remedy="Mend it first; `bigpicture validate` shows everything.")
    study = read_submission(read)
    if not study.datasets:
        raise MetadataError("there is no dataset.", rule="constraint 1", remedy="Add dataset.xml.")
    lost = losses(study)
    if any(not (drop and each.can_be_dropped) for each in lost):
        return Conversion({}, tuple(each.finding for each in lost))
    converter = Converter(study, node)
    changed = {
        name: each if is_datacite(each) else converter.change(each) for name, each in read.items()
    }
    left = {name: each for name, each in changed.items() if each is not None}
    _check(left, _TO, remedy="This is a fault of ours: please report it.")
    return Conversion(
        {
            name: documents[name] if is_datacite(each) else write_document(each)
            for name, each in left.items()
        },
        tuple(
            replace(each.finding, severity=Severity.WARNING, remedy="It was left out.")
            for each in lost
        ),
    )


def _check(documents: Mapping[str, Document], schema: Schema, *, remedy: str) -> None:
    """Raise for the first place that departs from the schema."""
    for document in (each for each in documents.values() if not is_datacite(each)):
        for each in check_structure(document, schema):
            if each.is_error:
                raise MetadataError(
                    each.what,
                    place=str(each.place),
                    rule=f"MetaFleX {schema.line}",
                    remedy=remedy,
                )
