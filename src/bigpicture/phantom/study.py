"""A study: the plan of a dataset, from beings to slides, before anything is rendered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bigpicture.model.code import Code
from bigpicture.model.policy import AccessTier, DatasetType
from bigpicture.phantom.artefacts import Kind
from bigpicture.phantom.stain import Stain


class Format(StrEnum):
    """The form in which an image lies in the folder."""

    SVS = "svs"
    TIFF = "tiff"
    DICOM = "dicom"


@dataclass(frozen=True)
class Being:
    """A patient or an animal; `strain`, `control` and `ended` only for animals."""

    alias: str
    sex: str
    species: Code
    strain: Code | None = None
    control: str = ""
    ended: Code | None = None


@dataclass(frozen=True)
class Specimen:
    """`age` is (interval start, interval length), ISO 8601 durations."""

    alias: str
    being: Being
    case: str
    site: Code
    method: Code
    age: tuple[str, str]


@dataclass(frozen=True)
class Statement:
    """What was stated about a slide's image or its case: codes by their tags, and words."""

    kind: str
    status: str
    codes: tuple[tuple[str, Code], ...]
    words: str
    custom: tuple[tuple[str, str], ...] = ()
    on_case: bool = False


@dataclass(frozen=True)
class PlannedSlide:
    """One glass: where it comes from, how it is stained, what is to be seen, how it is kept.

    Slides of one `seed` are serial sections of one block: same anatomy, other stain.
    """

    alias: str
    specimen: Specimen
    organ: str
    finding: str
    stain: Stain
    statement: Statement
    seed: int
    format: Format = Format.SVS
    artefacts: tuple[Kind, ...] = ()
    mpp: float = 0.5

    @property
    def block(self) -> str:
        return f"{self.specimen.alias}-A"

    @property
    def image(self) -> str:
        return f"{self.alias}-image"


@dataclass(frozen=True)
class Study:
    """A dataset: its slides and its face. Numbers of beings follow from the slides."""

    alias: str
    title: str
    short_name: str
    description: str
    type: DatasetType
    tier: AccessTier
    slides: tuple[PlannedSlide, ...]
    keywords: tuple[str, ...]
    center: str
    email: str
    observer: str
    duration: Code | None = None
    """SEND study duration, non-clinical only."""
    geography: str = "Europe"

    @property
    def specimens(self) -> tuple[Specimen, ...]:
        return tuple({slide.specimen.alias: slide.specimen for slide in self.slides}.values())

    @property
    def beings(self) -> tuple[Being, ...]:
        return tuple({each.being.alias: each.being for each in self.specimens}.values())

    @property
    def cases(self) -> dict[str, str]:
        """Alias of each case to the alias of its being."""
        return {each.case: each.being.alias for each in self.specimens if each.case}
