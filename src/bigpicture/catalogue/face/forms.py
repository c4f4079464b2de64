"""The forms that a face is written in: one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bigpicture.catalogue.face.bibtex import write_bibtex
from bigpicture.catalogue.face.citation import write_text
from bigpicture.catalogue.face.csl import write_csl
from bigpicture.catalogue.face.datacite import write_datacite
from bigpicture.catalogue.face.face import Face
from bigpicture.catalogue.face.json_ld import write_json_ld
from bigpicture.catalogue.face.ris import write_ris
from bigpicture.catalogue.face.signposts import MEDIA_TYPES, write_linkset
from bigpicture.model.metadata_form import MetadataForm


@dataclass(frozen=True, slots=True)
class Format:
    """`label` is for people; "" where only machines ask for it."""

    write: Callable[[Face], bytes]
    label: str = ""


FORMATS: dict[MetadataForm, Format] = {
    MetadataForm.TEXT: Format(write_text, "Text"),
    MetadataForm.BIBTEX: Format(write_bibtex, "BibTeX"),
    MetadataForm.RIS: Format(write_ris, "RIS"),
    MetadataForm.CSL_JSON: Format(write_csl, "CSL-JSON"),
    MetadataForm.DATACITE: Format(write_datacite, "DataCite XML"),
    MetadataForm.JSON_LD: Format(write_json_ld, "JSON-LD"),
    MetadataForm.LINKSET: Format(write_linkset),
}


def media_type(form: MetadataForm) -> str:
    """As the header `Content-Type` has it."""
    kind = MEDIA_TYPES[form]
    return f"{kind}; charset=utf-8" if kind == "text/plain" else kind
