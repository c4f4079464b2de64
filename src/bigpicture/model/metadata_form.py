"""The forms that the public metadata of a dataset come in."""

from __future__ import annotations

from enum import StrEnum


class MetadataForm(StrEnum):
    """The values are the endings of the addresses."""

    JSON_LD = "jsonld"
    """schema.org, Bioschemas and DCAT-AP in one graph."""
    TEXT = "txt"
    """The citation."""
    BIBTEX = "bib"
    RIS = "ris"
    CSL_JSON = "csl.json"
    DATACITE = "datacite.xml"
    LINKSET = "linkset.json"
    """FAIR Signposting, level 2."""
