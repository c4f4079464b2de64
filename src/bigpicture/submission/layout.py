"""The folders of a Bigpicture dataset, `DATASET_x/...`, and what a file in each of them is."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

from bigpicture.model.errors import InputError
from bigpicture.model.submission import FileRole
from bigpicture.standard.companions.files import is_companion

DICOM_SUFFIXES = frozenset({".dcm"})
PRIVATE_DOCUMENTS = frozenset({"rems", "organisation", "datacite"})
METADATA_DOCUMENTS = frozenset(
    {"dataset", "policy", "image", "annotation", "observation", "observer", "sample", "staining"}
)
_PATH_LENGTH = 500


def role(path: str) -> FileRole:
    """What the file at `path` (inside `DATASET_x`, with `/`) is.

    Raises `InputError` for a path that leaves the folder, hides something, or lies in no folder
    of the layout.
    """
    parts = safe_parts(path)
    top = parts[0]
    if top == "METADATA" and len(parts) == 2 and path.endswith(".xml"):
        return FileRole.METADATA
    if top == "IMAGES" and len(parts) >= 3 and parts[1].startswith("IMAGE_"):
        return FileRole.IMAGE
    if top == "ANNOTATIONS" and len(parts) == 2:
        return FileRole.ANNOTATION
    if top == "LANDING_PAGE":
        if parts[1:] == ("landing_page.xml",):
            return FileRole.LANDING_PAGE
        if len(parts) == 3 and parts[1] == "THUMBNAILS":
            return FileRole.THUMBNAIL
    if top == "PRIVATE" and len(parts) == 2 and path.endswith(".xml"):
        return FileRole.PRIVATE
    if is_companion(path):
        return FileRole.COMPANION
    raise InputError(
        "this file lies outside the folders of a Bigpicture dataset.",
        rule="METADATA/*.xml, IMAGES/IMAGE_{alias}/*, ANNOTATIONS/*, "
        "LANDING_PAGE/landing_page.xml, LANDING_PAGE/THUMBNAILS/*, PRIVATE/*.xml, "
        "COMPANIONS/{name}.csv or .parquet with {name}.dictionary.csv or .json",
        remedy="Move it into the folder it belongs to, or leave it out.",
    )


def safe_parts(path: str) -> tuple[str, ...]:
    """Split a path; raises `InputError` unless each part is a plain, visible, relative name."""
    pure = PurePosixPath(path)
    hidden = any(unicodedata.category(letter).startswith("C") for letter in path)
    wrong = (
        not path
        or len(path) > _PATH_LENGTH
        or pure.is_absolute()
        or str(pure) != path
        or "\\" in path
        or ":" in path
        or hidden
        or unicodedata.normalize("NFC", path) != path
        or any(part in {"", ".", ".."} or part.startswith(".") for part in pure.parts)
    )
    if wrong:
        raise InputError(
            "a file path is not a plain relative path.",
            rule="letters that can be seen, NFC, no '..', no drive, no leading dot, "
            f"at most {_PATH_LENGTH} characters",
            remedy="Rename the file.",
        )
    return pure.parts


def image_alias(path: str) -> str:
    """The alias in `IMAGES/IMAGE_{alias}/...`."""
    return PurePosixPath(path).parts[1].removeprefix("IMAGE_")


def is_dicom(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in DICOM_SUFFIXES


def document_name(path: str) -> str:
    """`METADATA/sample.xml` -> `sample`; a trailing `_1` of split documents stays."""
    return PurePosixPath(path).stem
