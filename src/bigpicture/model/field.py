"""A field: what a question may ask of images, and by what they are counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

COMPANION = "companion."
"""What the name of a companion table's variable begins with, where it is asked for."""


class FieldKind(StrEnum):
    """What a field holds."""

    TERM = "term"
    """Codes and their meanings: asked for by `SCHEME:CODE` or by meaning, in any case."""
    NUMBER = "number"
    EITHER = "either"
    """A companion variable: what it holds is known where its tables are."""


class Group(StrEnum):
    """Under which heading a page shows a field."""

    TISSUE = "Tissue"
    FINDING = "Finding"
    BEING = "Being"
    STAINING = "Staining"
    IMAGE = "Image"
    DATASET = "Dataset"


@dataclass(frozen=True, slots=True)
class Field:
    """`is_default`: counted where nobody says what to count; `unit` is for people."""

    name: str
    label: str
    group: Group
    about: str
    kind: FieldKind = FieldKind.TERM
    is_facet: bool = True
    is_default: bool = False
    is_hierarchical: bool = False
    unit: str = ""


def _number(name: str, label: str, group: Group, about: str, unit: str = "", **is_: bool) -> Field:
    return Field(name, label, group, about, FieldKind.NUMBER, unit=unit, **is_)


_T, _F, _B, _S, _I, _D = Group

_ALL = (
    Field("organ", "Organ", _T, "site of the specimen", is_default=True, is_hierarchical=True),
    Field("extraction", "Extraction", _T, "how the specimen was taken"),
    Field("fixation", "Fixation", _T, "how the specimen was fixed"),
    Field("preparation", "Block", _T, "what the block was embedded in"),
    Field(
        "diagnosis",
        "Diagnosis or finding",
        _F,
        "what was stated of the image or of what it was made from, confirmed or candidate",
        is_default=True,
        is_hierarchical=True,
    ),
    Field(
        "confirmed",
        "Confirmed",
        _F,
        "of these, what is true of this very image",
        is_hierarchical=True,
    ),
    Field("severity", "Severity", _F, "of findings (SEND MISEV)", is_default=True),
    Field("species", "Species", _B, "of the being", is_default=True),
    Field("strain", "Strain", _B, "of the animal"),
    Field("sex", "Sex", _B, "of the being", is_default=True),
    _number("age", "Age", _B, "at extraction", "years", is_default=True),
    Field("control", "Control or treated", _B, "of the animal (SEND)", is_default=True),
    Field("compound", "Compound", _B, "companion variables named so"),
    Field("dose", "Dose group", _B, "companion variables named so"),
    Field("stain", "Stain", _S, "as people name it", is_default=True),
    Field("method", "Staining method", _S, "chemical, immunostaining, in situ hybridization"),
    Field("target", "Target", _S, "of an immunostaining or hybridization"),
    Field("scanner", "Scanner", _I, "manufacturer and model", is_default=True),
    _number(
        "magnification", "Magnification", _I, "of the objective, as stated", "×", is_default=True
    ),
    _number("mpp", "Resolution", _I, "of the finest level", "µm/px"),
    _number("width", "Width", _I, "of the finest level", "px", is_facet=False),
    _number("height", "Height", _I, "of the finest level", "px", is_facet=False),
    _number("size", "Size", _I, "of the finest level", "megapixels"),
    Field("compression", "Compression", _I, "of the finest level"),
    Field("annotated", "Annotations", _I, "whether something is drawn on it"),
    Field("quality", "Quality", _I, "companion variables named so"),
    Field("image", "Image", _I, "accession", is_facet=False),
    Field("dataset", "Dataset", _D, "accession or alias", is_default=True),
    Field("type", "Study type", _D, "clinical or non-clinical", is_default=True),
    Field("tier", "Access", _D, "access tier"),
    Field("use", "Allowed use", _D, "as the policy says"),
    Field("node", "Node", _D, "that minted the accession"),
    Field("country", "Country", _D, "geographical areas of the landing page"),
    _number("year", "Year", _D, "of publication"),
)

FIELDS: dict[str, Field] = {each.name: each for each in _ALL}
"""By name, in the order in which a page shows them; beside these, `companion.NAME`."""

IMAGE_FACETS: tuple[str, ...] = tuple(each.name for each in _ALL if each.is_facet)
DEFAULT_FACETS: tuple[str, ...] = tuple(each.name for each in _ALL if each.is_default)


def kind_of(field: str) -> FieldKind | None:
    """What a field holds; None where there is none of that name."""
    if field.startswith(COMPANION) and len(field) > len(COMPANION):
        return FieldKind.EITHER
    found = FIELDS.get(field)
    return found.kind if found else None
