"""Describe: what a slide is and what a conversion would do with it; no field's value is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bigpicture.deidentify.report import LeftOut, actions_of, judge
from bigpicture.deidentify.rules import rules_of
from bigpicture.dicom.codecs import JPEG_2000, JPEG_2000_LOSSLESS, JPEG_BASELINE
from bigpicture.dicom.open import open_slide
from bigpicture.dicom.recode import storage_of
from bigpicture.dicom.reduce import reduced_levels
from bigpicture.dicom.scale import level_factor
from bigpicture.dicom.slide import Channel, Encoding, SourceLevel, VendorSlide
from bigpicture.dicom.syntax import NATIVE
from bigpicture.model.allowance import Action
from bigpicture.model.fluorophore import known_fluorophore
from bigpicture.model.image import Level
from bigpicture.submission.rewrite import nameless

FORMAT_NAMES = {
    "aperio-svs": "Aperio SVS",
    "akoya-qptiff": "Akoya QPTIFF",
    "dicom": "DICOM",
    "generic-tiff": "TIFF",
    "hamamatsu-ndpi": "Hamamatsu NDPI",
    "gross-image": "a photograph",
    "hamamatsu-vms": "Hamamatsu VMS",
    "imagej-tiff": "ImageJ TIFF",
    "olympus-sis": "Olympus SIS TIFF",
    "leica-scn": "Leica SCN",
    "mirax": "3DHISTECH MIRAX",
    "olympus-vsi": "Olympus VSI",
    "ome-tiff": "OME-TIFF",
    "philips-tiff": "Philips TIFF",
    "ventana-bif": "Ventana BIF",
    "zeiss-czi": "Zeiss CZI",
}
"""Formats as people call them."""

_METHODS = {"ISO_10918_1": "JPEG", "ISO_15444_1": "JPEG 2000", "ISO_14495_1": "JPEG-LS"}
_SYNTAXES = {
    JPEG_BASELINE: "JPEG",
    JPEG_2000: "JPEG 2000",
    JPEG_2000_LOSSLESS: "JPEG 2000 lossless",
    **dict.fromkeys(NATIVE, "uncompressed"),
}


@dataclass(frozen=True, slots=True)
class DescribedLevel:
    """One resolution. `becomes` is how a conversion stores its tiles, `reason` why not as they are.

    `mpp` is micrometres per pixel of this level (x, y), None where the slide does not tell.
    """

    columns: int
    rows: int
    tile_columns: int
    tile_rows: int
    tiles: int
    mpp: tuple[float, float] | None
    compression: str
    is_copied: bool
    becomes: str
    reason: str


@dataclass(frozen=True, slots=True)
class DescribedChannel:
    """An optical path; `dye` is of the closed list of fluorophores, wavelengths are nanometres."""

    dye: str
    colour: tuple[int, int, int] | None
    excitation: float | None
    emission: float | None


@dataclass(frozen=True, slots=True)
class Described:
    """A slide. `maker`, `model` and `magnification` come from fields that a rule keeps.

    `actions` counts its fields by what a conversion does with them; `unknown` names those that no
    rule names and `misfits` those that hold something else than their rule says: either stops the
    conversion.
    """

    format: str
    maker: str
    model: str
    magnification: float | None
    samples: int
    bits: int
    planes: int
    plane_spacing: float
    channels: tuple[DescribedChannel, ...]
    mpp: tuple[float, float] | None
    levels: tuple[DescribedLevel, ...]
    generated: int
    associated: tuple[LeftOut, ...]
    actions: dict[str, int]
    unknown: tuple[str, ...]
    misfits: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def can_be_converted(self) -> bool:
        return not self.unknown and not self.misfits and self.mpp is not None


def describe(source: Path) -> Described:
    """Open a slide and tell what it is; raises `SlideError` where it cannot be read."""
    with open_slide(source) as slide:
        kept = kept_values(slide)
        rules = rules_of(slide.format)
        judged = judge(slide.format, slide.fields)
        scanner = slide.scanner(kept)
        stack = slide.levels[0].stack
        misfits = {
            field.name
            for field in slide.fields
            if (rule := rules.rule_for(field))
            and rule.action is Action.KEEP
            and not rule.holds(field.value)
        }
        return Described(
            format=slide.format,
            maker=scanner.manufacturer,
            model=scanner.model,
            magnification=scanner.magnification,
            samples=stack.samples,
            bits=stack.used or stack.bits,
            planes=stack.planes,
            plane_spacing=slide.plane_spacing,
            channels=tuple(map(_channel, _channels(slide, kept))),
            mpp=slide.mpp,
            levels=tuple(_levels(slide)),
            generated=len(list(reduced_levels(_coarsest(slide)))),
            associated=tuple(
                LeftOut(each.flavour.value, each.columns, each.rows) for each in slide.associated
            ),
            actions=actions_of(judged),
            unknown=tuple(each.name for each in judged if each.action == "stop"),
            misfits=tuple(sorted(misfits)),
            # The slide's name may itself identify.
            remarks=tuple(nameless(remark, slide.place) for remark in slide.remarks),
        )


def kept_values(slide: VendorSlide) -> Mapping[str, str]:
    """The fields that a rule keeps and that hold what it says, by name; the first of a name."""
    rules = rules_of(slide.format)
    kept: dict[str, str] = {}
    for field in slide.fields:
        rule = rules.rule_for(field)
        if rule and rule.action is Action.KEEP and rule.holds(field.value):
            kept.setdefault(field.name, field.value)
    return kept


def _channels(slide: VendorSlide, kept: Mapping[str, str]) -> tuple[Channel, ...]:
    stack = slide.levels[0].stack
    told = tuple(slide.channels(kept))
    return told or ((Channel(),) * stack.paths if stack.samples == 1 else ())


def _channel(channel: Channel) -> DescribedChannel:
    dye = known_fluorophore(channel.dye) or ""
    return DescribedChannel(dye, channel.colour, channel.excitation, channel.emission)


def _levels(slide: VendorSlide) -> Iterator[DescribedLevel]:
    base = slide.levels[0].columns, slide.levels[0].rows
    for number, level in enumerate(slide.levels):
        across, down = level_factor(base, (level.columns, level.rows))
        encoding = level.encoding
        storage = storage_of(encoding, level.stack, is_resampled=number > 0)
        yield DescribedLevel(
            columns=level.columns,
            rows=level.rows,
            tile_columns=level.tile_columns,
            tile_rows=level.tile_rows,
            tiles=_as_level(level).frame_count,
            mpp=(slide.mpp[0] * across, slide.mpp[1] * down) if slide.mpp else None,
            compression=_compression(encoding),
            is_copied=encoding.is_copied,
            becomes=_SYNTAXES.get(storage.transfer_syntax, storage.transfer_syntax),
            reason="" if encoding.is_copied else encoding.reason,
        )


def _compression(encoding: Encoding) -> str:
    if encoding.is_copied:
        return _SYNTAXES.get(encoding.transfer_syntax, encoding.transfer_syntax)
    if encoding.is_lossy:
        return _METHODS.get(encoding.method, encoding.method or "lossy")
    return "lossless"


def _coarsest(slide: VendorSlide) -> Level:
    return _as_level(slide.levels[-1])


def _as_level(level: SourceLevel) -> Level:
    return Level(
        index=0,
        columns=level.columns,
        rows=level.rows,
        tile_columns=level.tile_columns,
        tile_rows=level.tile_rows,
        mpp_x=0.0,
        mpp_y=0.0,
        focal_planes=level.stack.planes,
        optical_paths=level.stack.paths,
    )
