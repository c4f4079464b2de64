"""Signposts: typed links that lead a machine from a landing page to all that belongs to it.

FAIR Signposting Profile (https://signposting.org/FAIR/), level 1 in the header `Link` (RFC 8288),
level 2 as a set of links (RFC 9264). `author` is left out: it takes an address that names who made
the dataset (ORCID, ROR), and the standard states none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bigpicture.catalogue.face.face import Face
from bigpicture.model.metadata_form import MetadataForm

MEDIA_TYPES: dict[MetadataForm, str] = {
    MetadataForm.JSON_LD: "application/ld+json",
    MetadataForm.TEXT: "text/plain",
    MetadataForm.BIBTEX: "application/x-bibtex",
    MetadataForm.RIS: "application/x-research-info-systems",
    MetadataForm.CSL_JSON: "application/vnd.citationstyles.csl+json",
    MetadataForm.DATACITE: "application/vnd.datacite.datacite+xml",
    MetadataForm.LINKSET: "application/linkset+json",
}
DESCRIBING = (
    MetadataForm.JSON_LD,
    MetadataForm.DATACITE,
    MetadataForm.CSL_JSON,
    MetadataForm.BIBTEX,
    MetadataForm.RIS,
)
_TYPES = ("https://schema.org/AboutPage", "https://schema.org/Dataset")
_UNSAFE = str.maketrans({sign: f"%{ord(sign):02X}" for sign in '<>" \\'})
_PROFILES = {
    MetadataForm.JSON_LD: "https://bioschemas.org/profiles/Dataset/1.0-RELEASE",
    MetadataForm.DATACITE: "http://datacite.org/schema/kernel-4",
}


@dataclass(frozen=True, slots=True)
class Link:
    relation: str
    target: str
    media_type: str = ""
    profile: str = ""

    def __str__(self) -> str:
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        profile = f'; profile="{self.profile}"' if self.profile else ""
        return f'<{self.target.translate(_UNSAFE)}>; rel="{self.relation}"{kind}{profile}'


def page_links(face: Face) -> Iterator[Link]:
    """From the landing page."""
    yield Link("cite-as", face.cited_as)
    yield from (Link("type", each) for each in _TYPES)
    for form in DESCRIBING:
        yield Link("describedby", face.metadata(form), MEDIA_TYPES[form], _PROFILES.get(form, ""))
    yield Link("license", face.terms_address)
    yield Link("item", face.files, "application/json")
    yield Link("linkset", face.metadata(MetadataForm.LINKSET), MEDIA_TYPES[MetadataForm.LINKSET])


def metadata_links(face: Face) -> Iterator[Link]:
    """From each of the metadata."""
    yield Link("describes", face.address, "text/html")


def item_links(page: str) -> Iterator[Link]:
    """From what the landing page at an address calls an item."""
    yield Link("collection", page, "text/html")


def header(links: Iterable[Link]) -> str:
    """The value of the header `Link`."""
    return ", ".join(map(str, links))


def write_linkset(face: Face) -> bytes:
    """All links of the landing page, of its metadata and of its item."""
    told = [_context(face.address, page_links(face))]
    told += [_context(face.metadata(form), metadata_links(face)) for form in DESCRIBING]
    told.append(_context(face.files, item_links(face.address)))
    return json.dumps({"linkset": told}, indent=1).encode() + b"\n"


def _context(anchor: str, links: Iterable[Link]) -> dict[str, object]:
    relations: dict[str, list[dict[str, str]]] = {}
    for link in links:
        if link.relation == "linkset":
            continue  # a set does not point at itself
        target = {"href": link.target, "type": link.media_type, "profile": link.profile}
        held = {name: value for name, value in target.items() if value}
        relations.setdefault(link.relation, []).append(held)
    return {"anchor": anchor, **relations}
