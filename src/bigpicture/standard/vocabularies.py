"""The vocabularies that MSMdad 2.0.0 names, with the codes that it names."""

from __future__ import annotations

from bigpicture.standard.vocabulary import Vocabulary

SNOMED, SEND, HGNC = "SNOMED CT", "SEND", "HGNC"


def _children(concept: str, *terms: tuple[str, str], also: tuple[str, ...] = ()) -> Vocabulary:
    return Vocabulary(f"{SNOMED}: {concept} and what is under it", (SNOMED, *also), dict(terms))


def _send(codelist: str) -> Vocabulary:
    return Vocabulary(f"{SEND}: {codelist}", (SEND,))


EXTRACTION = _children(
    "Removal (procedure) or Autopsy pathology procedure",
    ("86273004", "Biopsy"),
    ("128304007", "Surgical extraction"),
    ("29240004", "Autopsy"),
)
FIXATIVE = _children("Tissue fixative (substance)", also=("Other",))
SITE = _children("Body structure")
SPECIMEN_TYPE = _children(
    "Specimen",
    ("119376003", "Tissue specimen"),
    ("764445001", "Cytologic material"),
    ("309051001", "Body fluid"),
    ("432825001", "Body secretion specimen"),
)
EMBEDDING = Vocabulary(
    "DICOM CID 8115",
    (SNOMED,),
    {
        "311731000": "Paraffin wax",
        "433469005": "Frozen section embedding medium",
        "61088005": "Plastic",
        "10249006": "Agar",
        "65345002": "Epoxy resin",
        "261712009": "Acrylic polymer",
    },
    is_closed=True,
)
SPECIES = Vocabulary(f"{SNOMED}: Organism, or {SEND}: TS SPECIES", (SNOMED, SEND))
STRAIN = _send("STRAIN")
TERMINATION = _send("DS DECOD")
STUDY_LENGTH = _send("TS SLENGTH")
STAIN = _children("Stain (substance)")
STAIN_METHOD = _children("Staining method (procedure)")
GENE = Vocabulary(f"{HGNC}: identifier and symbol", (HGNC,))

VOCABULARIES = {
    "EXTRACTION": EXTRACTION,
    "FIXATIVE": FIXATIVE,
    "SITE": SITE,
    "SPECIMEN_TYPE": SPECIMEN_TYPE,
    "EMBEDDING": EMBEDDING,
    "SPECIES": SPECIES,
    "STRAIN": STRAIN,
    "TERMINATION": TERMINATION,
    "STUDY_LENGTH": STUDY_LENGTH,
    "STAIN": STAIN,
    "STAIN_METHOD": STAIN_METHOD,
    "GENE": GENE,
}
"""By the names under which a site's own file adds to them."""

ILLUMINATION = (
    "Transmission",
    "Reflection",
    "Epifluorescence",
    "Brightfield",
    "Darkfield",
    "Oblique",
    "Phase contrast illumination",
    "Differential interference contrast",
    "Total internal reflection fluorescence",
)
"""DICOM CID 8123, by meaning."""
ILLUMINATION_COLOUR = ("Full Spectrum", "Infrared", "Red", "Green", "Blue", "Ultraviolet")
"""DICOM CID 8122, by meaning."""
