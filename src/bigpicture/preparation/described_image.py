"""What is known of a slide's image once it was converted: its files, and what its headers say."""

from __future__ import annotations

from dataclasses import dataclass

from bigpicture.model.attribute import Attribute
from bigpicture.model.data_file import DataFile


@dataclass(frozen=True, slots=True)
class DescribedImage:
    """`stated` are the attributes 6.2.x; `bytes` is the size of all `files` together."""

    files: tuple[DataFile, ...] = ()
    stated: tuple[Attribute, ...] = ()
    bytes: int = 0
