"""What an instance is called: read from the first bytes of its file, whoever sent it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bigpicture.dicom.elements import read_first
from bigpicture.model.errors import SlideError

_CLASS, _INSTANCE, _STUDY, _SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
_UID = re.compile(r"[0-9]+(?:\.[0-9]+)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class InstanceNames:
    """UIDs, each of a valid form (PS3.5 9.1)."""

    sop_class: str
    instance: str
    study: str
    series: str


@dataclass(frozen=True, slots=True)
class _Head:
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + length]


def read_names(head: bytes) -> InstanceNames:
    """The names in the beginning of a file; raises `SlideError` where there are none."""
    tags = (_CLASS, _INSTANCE, _STUDY, _SERIES)
    found = read_first(_Head(head), frozenset(tags), place="instance")
    texts = [found.get(tag, "") for tag in tags]
    if not all(len(text) <= 64 and _UID.fullmatch(text) for text in texts):
        raise SlideError(
            "the instance does not say what it is called.",
            rule="SOP Class, SOP Instance, Study and Series Instance UID",
            remedy="It is damaged: export it again.",
        )
    return InstanceNames(*texts)
