"""The report: what was kept and removed, and what proves it; it never repeats a value.

It holds no time and no name of the source, so that equal slides give equal reports, which can be
signed and laid beside the images.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Self

from pydantic import TypeAdapter, ValidationError

from bigpicture import __version__
from bigpicture.deidentify.mark import Mark
from bigpicture.deidentify.masking import kind_of
from bigpicture.deidentify.rules import Section, rules_of
from bigpicture.model.allowance import Field
from bigpicture.model.errors import IntegrityError
from bigpicture.model.mask import mask

VERSION = 5
REPORTS = frozenset({"report.json", "report.json.sig", "conversion.json", "conversion.html",
                     "deidentification.json", "deidentification.html"})  # fmt: skip
"""What our own programs write beside the images."""
_PLACES_TOLD = 3
_PLACE = re.compile(r"(?:IFD \d.*|\([0-9a-fA-F]{4},[0-9a-fA-F]{4}\).*)$")


@dataclass(frozen=True, slots=True)
class Judged:
    """All fields of one name: what happened to them, why, how many, and where the first were.

    Of what did not stay, `kind` says what sort of value it was and `masked` the shape of the first
    ones (`***^*** (11 characters)`): no letter and no digit of them.
    """

    name: str
    action: str
    reason: str
    count: int
    places: tuple[str, ...]
    kind: str = ""
    masked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """One instance that was written. `columns` and `rows` are of the total pixel matrix,
    `frames_root` is the Merkle root (RFC 6962) over the digests of its frames, in order; on a
    copy each of them was found equal in the source by a second reader.
    """

    name: str
    sha256: str
    bytes: int
    level: int
    columns: int
    rows: int
    frames: int
    frames_root: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Marked:
    """Something that looks like writing, a label or a code: its kind and its box, in pixels.

    What it says is not told; `score` is how sure the detector is, 0 to 1.
    """

    kind: str
    x: int
    y: int
    width: int
    height: int
    score: float


def told_mark(mark: Mark) -> Marked:
    """A mark as a report tells it."""
    x, y, width, height = mark.box
    return Marked(str(mark.kind), x, y, width, height, round(mark.score, 3))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An image beside the tissue that was not carried over, and why.

    `marks` are what the detector found in an overview that was to be kept.
    """

    flavour: str
    columns: int
    rows: int
    reason: str = ""
    marks: tuple[Marked, ...] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """The search for writing, labels and codes on the tissue: in which instance, what was found."""

    name: str
    marks: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class Scanned:
    """The search for identifying strings: how many, through how many bytes, and what was found.

    `patterns` are the byte forms of the strings; `encodings` in which ways they were written.
    """

    strings: int
    bytes: int
    encodings: tuple[str, ...]
    findings: int
    patterns: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """The gate: regions of source and output read and compared, in 8-bit RGB.

    `reader` is the program that read the source, `largest_difference` and `mean_difference` of
    any sample, `tolerance` what is allowed (0 where frames were copied).
    """

    reader: str
    regions: int
    pixels: int
    largest_difference: int
    mean_difference: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about one conversion that its readers may know.

    `frames_compared` were decoded on both sides and found equal. `pixels_root` is the Merkle root
    over the roots of the instances: one digest for all the pixels of the image. `beside` are
    instances that are no level: an overview that was found clean.

    `mark` is a keyed digest of the source: it tells the holder of the key, and nobody else,
    whether a file is the one that was converted. `recipe` does the same for the subject, the
    rules and the program. `site` is the fingerprint of the key that all of it was made under.
    """

    image: str
    format: str
    mark: str
    recipe: str
    instances: tuple[Written, ...]
    fields: tuple[Judged, ...]
    left_out: tuple[LeftOut, ...]
    frames_copied: int
    frames_encoded: int
    frames_empty: int
    frames_compared: int
    pixels_root: str
    remarks: tuple[str, ...]
    scan: Scanned
    gate: Compared
    protections: tuple[str, ...]
    software: str
    rules: str
    site: str
    beside: tuple[Written, ...] = ()
    looked: Looked | None = None
    version: int = VERSION

    @property
    def written(self) -> tuple[Written, ...]:
        """Every instance: the levels, finest first, then what is beside them."""
        return (*self.instances, *self.beside)

    def to_bytes(self) -> bytes:
        """The report as JSON: sorted keys, so that equal reports have equal bytes."""
        return (
            json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        ).encode("utf-8")

    def told(self) -> str:
        """What of it may repeat the source; names of fields are those of our tables."""
        return "\n".join([*self.remarks, *(each.name for each in self.written)])

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a report; raises `IntegrityError` where it is none of this version."""
        try:
            report = TypeAdapter(cls).validate_json(data)
        except ValidationError as error:
            raise IntegrityError("this is no report of a conversion.") from error
        if report.version != VERSION:
            raise IntegrityError("this report is of another version.")
        return report


def judge(slide_format: str, fields: Iterable[Field]) -> tuple[Judged, ...]:
    """What the rules say about each field found, by name; values are left behind."""
    rules = rules_of(slide_format)
    judged: dict[tuple[str, str, str], list[Field]] = {}
    for field in fields:
        rule = rules.rule_for(field)
        section = rule.section if rule else Section.DROP
        action = str(rule.action) if rule else "stop"
        # Where a row names only the beginning, the rest was made up by somebody at the site.
        name = rule.name if rule else field.name
        reason = rule.reason if rule else "no rule names it"
        key = name, "given" if section is Section.GIVEN else action, reason
        judged.setdefault(key, []).append(field)
    told: list[Judged] = []
    for (name, action, reason), found in sorted(judged.items()):
        values = [] if action == "keep" else [each.value for each in found if each.value.strip()]
        told.append(
            Judged(
                name=name,
                action=action,
                reason=reason,
                count=len(found),
                places=_first(bare_place(each.place) for each in found),
                kind=str(kind_of(name, values[0])) if values else "",
                masked=_first(mask(value.strip()) for value in values),
            )
        )
    return tuple(told)


def _first(told: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(told), _PLACES_TOLD))


def bare_place(place: str) -> str:
    """A place without the name of the file, which may itself identify."""
    found = _PLACE.search(place)
    return found.group() if found else ""


@cache
def rules_digest() -> str:
    """SHA-256 over all tables: two conversions with equal digests went by equal rules."""
    digest = hashlib.sha256()
    tables = files("bigpicture.deidentify").joinpath("tables")
    for table in sorted(tables.iterdir(), key=lambda each: each.name):
        digest.update(table.read_bytes())
    return digest.hexdigest()


def software() -> str:
    return f"bigpicture {__version__}"


def actions_of(fields: Sequence[Judged]) -> dict[str, int]:
    """How many fields were kept, dropped and so on, for a summary."""
    counts: dict[str, int] = {}
    for field in fields:
        counts[field.action] = counts.get(field.action, 0) + field.count
    return counts
