"""A face: what everybody may know of a dataset, gathered from the records, nothing typed anew."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote

from bigpicture.catalogue.companions import VariableFacts
from bigpicture.catalogue.dataset_facts import DatasetFacts
from bigpicture.catalogue.disclose import disclosed, disclosed_images
from bigpicture.catalogue.terms import Term, labels
from bigpicture.catalogue.versions import Version
from bigpicture.model.metadata_form import MetadataForm
from bigpicture.model.query import Facet

_DOI = re.compile(r"10\.\d{4,9}/\S+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
_COUNTED = (Facet.ORGAN, Facet.STAIN, Facet.SPECIES, Facet.DIAGNOSIS)


@dataclass(frozen=True, slots=True)
class Publisher:
    """The node: its name and how the world reaches it, without a slash at its end."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Face:
    """Texts are in one line. `images` and `beings` are disclosed, not exact."""

    accession: str
    alias: str
    title: str
    short_name: str
    description: str
    version: str
    standard: str
    publisher: Publisher
    creators: tuple[str, ...]
    """Organisations: the standard knows a dataset's centre, and no persons."""
    published: datetime
    changed: datetime
    doi: str
    keywords: tuple[str, ...]
    terms: Mapping[Facet, tuple[Term, ...]]
    countries: tuple[str, ...]
    references: tuple[str, ...]
    wordings: tuple[str, ...]
    """How the contributors ask to be cited."""
    terms_of_use: str
    access: str
    contact: str
    is_open: bool
    images: str
    beings: str
    size_bytes: int
    pictures: int
    variables: tuple[VariableFacts, ...]

    @property
    def address(self) -> str:
        """Its landing page."""
        return f"{self.publisher.address}/datasets/{self.accession}"

    @property
    def cited_as(self) -> str:
        """The address that a citation names: its DOI, else its landing page."""
        return f"https://doi.org/{quote(self.doi, safe='/;:().')}" if self.doi else self.address

    @property
    def terms_address(self) -> str:
        return f"{self.address}#terms"

    @property
    def door(self) -> str:
        """Its address for programs."""
        return f"{self.publisher.address}/api/v1/datasets/{self.accession}"

    @property
    def files(self) -> str:
        return f"{self.door}/files"

    @property
    def year(self) -> int:
        """In which the node published it (DataCite publicationYear)."""
        return self.published.year

    @property
    def size(self) -> str:
        """How many images of how many beings, in words."""
        if self.images.startswith("of "):
            return f"Whole-slide images {self.images}"
        images = "whole-slide image" if self.images == "1" else "whole-slide images"
        beings = "biological being" if self.beings == "1" else "biological beings"
        return f"{self.images} {images} of {self.beings} {beings}"

    def metadata(self, form: MetadataForm) -> str:
        """Where a form of the metadata is."""
        return f"{self.door}/metadata.{form}"


def make_face(
    facts: DatasetFacts, versions: tuple[Version, ...], publisher: Publisher, *, is_open: bool
) -> Face:
    """Make the face of a dataset; `is_open` says that everybody may open its images."""
    row, typed, policy = facts.row, facts.row["landing"], facts.row["policy"]
    terms = {facet: facts.terms(facet) for facet in _COUNTED}
    shown = (label for facet in _COUNTED for label in labels(terms[facet]))
    images, beings = _counts(facts, is_open=is_open)
    return Face(
        **{name: plain(row[name]) for name in ("accession", "alias", "title", "short_name")},
        description=plain(row["description"]),
        version=plain(row["version"]),
        standard=plain(row["metadata_standard"]),
        publisher=publisher,
        creators=(plain(typed.get("center_name")) or publisher.name,),
        published=row["published"],
        changed=max((each.date for each in versions if each.date), default=row["published"]),
        doi=read_doi(typed.get("doi")),
        keywords=tuple(dict.fromkeys((*_texts(typed.get("keywords")), *shown))),
        terms=terms,
        countries=_texts(typed.get("geographical_areas")),
        references=_texts(typed.get("references")),
        wordings=tuple(
            dict.fromkeys((*_texts([policy.get("citation")]), *_texts(typed.get("citations"))))
        ),
        terms_of_use=plain(policy.get("title")) or "Terms of use",
        access=plain(policy.get("type_of_access")),
        contact=plain(typed.get("contact_email")),
        is_open=is_open,
        images=images,
        beings=beings,
        size_bytes=facts.size_bytes,
        pictures=facts.thumbnails,
        variables=facts.variables,
    )


def read_doi(stated: object) -> str:
    """The DOI in whatever form it was stated (10.x/y, doi:…, https://doi.org/…); "" where none."""
    found = _DOI.search(plain(stated))
    return found[0] if found else ""


def plain(value: object) -> str:
    """A text in one line, without control characters; "" for None."""
    return " ".join(_CONTROL.sub(" ", str(value)).split()) if value is not None else ""


def _texts(value: object) -> tuple[str, ...]:
    listed = cast("list[Any]", value) if isinstance(value, list | tuple) else []
    return tuple(text for text in map(plain, listed) if text)


def _counts(facts: DatasetFacts, *, is_open: bool) -> tuple[str, str]:
    images, beings = facts.counts["images"], facts.counts["beings"]
    if is_open:
        return f"{images:,}", f"{beings:,}"
    return disclosed_images(images, beings), disclosed(beings)
