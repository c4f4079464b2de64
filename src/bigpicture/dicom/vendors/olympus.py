"""Olympus VSI (cellSens; VS120, VS200): a TIFF with a tree of properties, and stacks beside it.

`slide.vsi` holds properties and pictures of the glass, `_slide_/stack10001/frame_t.ets` a scan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from bigpicture.dicom.candidate import Candidate, Vendor
from bigpicture.dicom.ets import BGR_SPACE, RAW, EtsFile, read_ets
from bigpicture.dicom.ets_level import Axes, EtsLevel, build_levels
from bigpicture.dicom.picture import draw_level
from bigpicture.dicom.scale import scale_remarks
from bigpicture.dicom.sis_volume import Property, read_volume
from bigpicture.dicom.slide import Associated, Channel, OpenedSlide, Pixels, Scanner, VendorSlide
from bigpicture.dicom.tiff_pyramid import associated_image
from bigpicture.dicom.vsi_image import (
    FLUOROPHORE,
    MICROSCOPE,
    Meaning,
    VsiImage,
    read_images,
    tree_fields,
)
from bigpicture.model.allowance import Field
from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour

ENDING = ".vsi"
_TREE = 8
"""Where the tree begins: right after the header of the TIFF."""
_FRAMES = b"SIS\0"
_STACK = re.compile(r"stack(\d{1,9})", re.IGNORECASE)
_FIRST_SCAN = 10_000
"""Scanners number the stacks of scans from here on, those of previews below."""
MAXIMUM_STACKS = 256
_SIS_BLOCK = "TIFF.OlympusSIS"


def recognises(candidate: Candidate) -> bool:
    """A TIFF with a volume right after its header; or parts of such a slide without it."""
    if candidate.source is None:
        return _is_part(candidate.path)
    head = candidate.head
    return (head[:4] == b"II*\0" and head[8:12] == b"\x18\0IS") or head[:4] == _FRAMES


def _is_part(folder: Path) -> bool:
    """Whether a folder holds a `.vsi`, or the stacks of one."""
    names = [path.name for path in folder.iterdir()]
    if any(name.lower().endswith((ENDING, ".ets")) for name in names):
        return True
    stacks = (folder / name for name in names if _STACK.fullmatch(name))
    return any(any(stack.glob("*.ets")) for stack in stacks if stack.is_dir())


def belongings(path: Path) -> tuple[Path, ...]:
    """The file and its folder."""
    return (path, _home(path)) if path.suffix.lower() == ENDING else (path,)


def _home(path: Path) -> Path:
    return path.with_name(f"_{path.stem}_")


def open_vsi(candidate: Candidate) -> VendorSlide:
    """Open a VSI with its folder; raises `SlideError` where it is not one scan, or is damaged."""
    if candidate.source is None or candidate.head[:4] == _FRAMES:
        raise SlideError(
            "these are parts of an Olympus VSI slide.",
            place=candidate.place,
            rule="a slide is opened by its .vsi file, which says what its stacks are",
            remedy="Hand over the .vsi file, with the folder of its name (_name_) beside it.",
        )
    return _Opening(candidate).slide()


@dataclass(frozen=True)
class _Stack:
    """One stack of pixels and what the tree says of it, if anything."""

    number: int
    file: EtsFile
    image: VsiImage | None


class _Opening:
    """What a slide is made from."""

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        assert candidate.source is not None
        self.tree: Property = read_volume(candidate.source, at=_TREE, place=candidate.place)
        self.images = read_images(self.tree)

    def slide(self) -> VendorSlide:
        scan = self.scan
        image = scan.image
        axes = self._axes(scan)
        levels = build_levels(scan.file, self._size(scan), axes, place=scan.file.place)
        mpp = image.scale if image else None
        spacing = abs(image.spacing) if image and axes.planes > 1 else 0.0
        remarks = (*_remarks(scan, levels), *scale_remarks(mpp, self.candidate.place))
        return OpenedSlide(
            format=VENDOR.format,
            place=self.candidate.place,
            levels=levels,
            associated=tuple(self._associated()),
            fields=tuple(self._fields()),
            mpp=mpp,
            profile=None,
            remarks=remarks,
            describe=lambda kept: _scanner(image, kept),
            describe_channels=lambda kept: _channels(scan, axes.paths, kept),
            plane_spacing=spacing,
        )

    @cached_property
    def stacks(self) -> tuple[_Stack, ...]:
        """Every stack in the folder, by number."""
        files = dict(self._files())
        if not files:
            raise self._without_pixels()
        described = {image.number: image for image in self.images}
        spare = [image for image in self.images if image.number not in files]
        stacks: list[_Stack] = []
        for number, file in sorted(files.items()):
            image = described.get(number)
            if image is None:
                fitting = [each for each in spare if _fits(each, file)]
                image = fitting[0] if len(fitting) == 1 else None
            stacks.append(_Stack(number, file, image))
        return tuple(stacks)

    def _files(self) -> Iterator[tuple[int, EtsFile]]:
        home = _home(self.candidate.path)
        if not home.is_dir():
            return
        found = [
            (int(stack[1]), home / name)
            for name in self._names(home)
            if (stack := _STACK.fullmatch(name)) and (home / name).is_dir()
        ]
        if len(found) > MAXIMUM_STACKS:
            raise self._refused(f"its folder holds {len(found)} stacks")
        numbers = [number for number, _ in found]
        if len(set(numbers)) != len(numbers):
            raise self._refused("two of its stacks have the same number")
        for number, folder in found:
            names = self._names(folder)
            frames = [name for name in names if name.lower().endswith(".ets")]
            if len(frames) > 1:
                raise self._refused(f"stack {number} has {len(frames)} points of time or places")
            if frames:
                source = self.candidate.beside(f"{home.name}/{folder.name}/{frames[0]}")
                yield number, read_ets(source, place=f"{self.candidate.place} stack {number}")
            elif any(name.lower().endswith((".tif", ".tiff")) for name in names):
                raise self._refused(
                    f"the pixels of stack {number} lie in a TIFF",
                    remedy="Hand over that TIFF itself (frame_t.tif): it is an OME-TIFF.",
                )

    def _names(self, folder: Path) -> list[str]:
        try:
            return sorted(each.name for each in folder.iterdir())
        except OSError as error:
            raise SlideError(
                "a folder that belongs to this slide cannot be read.",
                place=self.candidate.place,
                remedy="Check that you may read it.",
            ) from error

    @cached_property
    def scan(self) -> _Stack:
        """The one stack that is the slide; raises `SlideError` where there is none, or several."""
        scans = [stack for stack in self.stacks if not self._is_left_out(stack)]
        present = {id(stack.image) for stack in self.stacks}
        lost = [
            image.number
            for image in self.images
            if image.is_external and not image.is_left_out and id(image) not in present
        ]
        if lost:
            raise SlideError(
                f"{len(lost)} of its stacks are missing in its folder.",
                place=f"{self.candidate.place} stack {lost[0]}",
                rule="a slide of several files is handed over with all of them",
                remedy="Copy the whole slide, with its folder and every file in it.",
            )
        if not scans:
            raise self._refused("its folder holds only previews, no scan")
        if len(scans) > 1:
            raise self._refused(
                f"it holds {len(scans)} scans",
                rule="one file, one image: of several regions none is left out unseen",
                remedy="Export each scan as a slide of its own.",
            )
        return scans[0]

    def _is_left_out(self, stack: _Stack) -> bool:
        if stack.image is not None and stack.image.says_kind:
            return stack.image.is_left_out
        # Nothing says what it is, but its number.
        has_scans = any(each.number >= _FIRST_SCAN for each in self.stacks)
        return has_scans and stack.number < _FIRST_SCAN

    def _axes(self, scan: _Stack) -> Axes:
        """Raises `SlideError` where a coordinate counts what no slide has, or nobody knows what."""
        between = scan.file.coordinates[:, 2:-1]
        meanings = scan.image.meanings if scan.image else ()
        plane, path, planes, paths = None, None, 1, 1
        for number in range(between.shape[1]):
            count = int(between[:, number].max()) + 1
            meaning = meanings[number] if number < len(meanings) else Meaning.UNTOLD
            if count == 1:
                continue
            if meaning is Meaning.Z and plane is None:
                plane, planes = number + 2, count
            elif meaning is Meaning.CHANNEL and path is None and scan.file.samples == 1:
                path, paths = number + 2, count
            else:
                what = meaning or "something that it does not name"
                raise self._refused(
                    f"stack {scan.number} has {count} {what}",
                    rule="a slide has focal planes and channels, and nothing else",
                    remedy="Export one point of time, with its focal planes and channels.",
                )
        is_downward = scan.image is not None and scan.image.spacing < 0
        return Axes(plane, path, planes, paths, is_downward)

    def _size(self, scan: _Stack) -> tuple[int, int] | None:
        """Pixels of the finest level; None where its tiles count whole."""
        image = scan.image
        if image is None or image.boundary is None or image.is_shifted:
            return None
        return image.boundary[2], image.boundary[3]

    def _associated(self) -> Iterator[Associated]:
        assert self.candidate.tiff is not None
        for number, directory in enumerate(self.candidate.tiff.directories):
            # They show the whole glass, its label too, or the label alone.
            flavour = Flavour.OVERVIEW if number else Flavour.THUMBNAIL
            yield associated_image(directory, flavour)
        for stack in self.stacks:
            if stack is not self.scan:
                is_label = stack.image is not None and stack.image.is_label
                flavour = Flavour.LABEL if is_label else Flavour.OVERVIEW
                across, down = stack.file.grid
                sides = across * stack.file.tile_columns, down * stack.file.tile_rows
                yield Associated(flavour, stack.file.place, *sides, partial(self._draw, stack))

    def _draw(self, stack: _Stack) -> Pixels:
        size = self._size(stack)
        levels = build_levels(stack.file, size, self._axes(stack), place=stack.file.place)
        return draw_level(levels[0])

    def _fields(self) -> Iterator[Field]:
        assert self.candidate.tiff is not None
        for directory in self.candidate.tiff.directories:
            for field in directory.fields():
                name = "Olympus.SisBlock" if field.name == _SIS_BLOCK else field.name
                yield Field(field.place, name, field.value)
        yield from tree_fields(self.tree, place=self.candidate.place)

    def _without_pixels(self) -> SlideError:
        if self.images and not any(image.is_external for image in self.images):
            return self._refused(
                "its pixels lie in the .vsi file itself: it is a picture, no scan",
                remedy="Export it from its software as OME-TIFF.",
            )
        return SlideError(
            "this is a .vsi file without its pixels: the folder that belongs to it is missing, "
            "empty, or has another name.",
            place=self.candidate.place,
            rule="the pixels of name.vsi lie in the folder _name_ beside it",
            remedy="Copy that folder beside the file; a slide is renamed with its folder.",
        )

    def _refused(
        self,
        what: str,
        *,
        rule: str = "",
        remedy: str = "Export the scan from its software as a slide of its own.",
    ) -> SlideError:
        return SlideError(f"{what}.", place=self.candidate.place, rule=rule, remedy=remedy)


def _fits(image: VsiImage, file: EtsFile) -> bool:
    """Whether an image has just as many tiles as a file."""
    if image.boundary is None:
        return False
    width, height = image.boundary[2:]
    return (-(-width // file.tile_columns), -(-height // file.tile_rows)) == file.grid


def _remarks(scan: _Stack, levels: Sequence[EtsLevel]) -> Iterator[str]:
    file = scan.file
    shade = 255 if file.samples == 3 else 0
    for level in levels:
        if level.missing:
            yield (
                f"{level.place}: {level.missing} of {len(level.slots)} tiles have no bytes; "
                "they became background."
            )
    if any(level.missing for level in levels) and set(file.background) != {shade}:
        yield f"{file.place}: it names another colour for its background than was written."
    if scan.image is not None and scan.image.is_shifted:
        yield (
            f"{file.place}: its image does not begin where its tiles do; "
            "all pixels of its tiles are shown."
        )
    is_doubtful = file.compression == RAW and file.colour_space == BGR_SPACE and not file.is_bgr
    if is_doubtful and file.samples == 3:
        yield (
            f"{file.place}: its header says BGR in one place and RGB in another; its uncompressed "
            "tiles were read as RGB. Look at the colours."
        )


def _scanner(image: VsiImage | None, kept: Mapping[str, str]) -> Scanner:
    software = [kept.get(f"Olympus.Document.Product{part}", "") for part in ("Name", "Version")]
    is_kept = "Olympus.Device.Magnification" in kept
    return Scanner(
        manufacturer="Olympus",
        model=image.microscope if image and MICROSCOPE in kept else "",
        software=" ".join(part for part in software if part),
        magnification=image.magnification if image and is_kept else None,
    )


def _channels(scan: _Stack, paths: int, kept: Mapping[str, str]) -> Sequence[Channel]:
    """One for each channel of one sample, from what the rules keep."""
    if scan.file.samples > 1:
        return ()
    told = scan.image.channels if scan.image else ()
    if len(told) != paths:
        return (Channel(),) * paths
    keeps = {
        name
        for name in ("Dimension.Colours", "Dimension.Emission", "Dimension.Excitation",
                     "Device.Exposure")
        if f"Olympus.{name}" in kept
    }  # fmt: skip
    return tuple(
        Channel(
            dye=channel.dye if FLUOROPHORE in kept else "",
            colour=channel.colour if "Dimension.Colours" in keeps else None,
            excitation=channel.excitation if "Dimension.Excitation" in keeps else None,
            emission=channel.emission if "Dimension.Emission" in keeps else None,
            exposure=channel.exposure if "Device.Exposure" in keeps else None,
        )
        for channel in told
    )


VENDOR = Vendor("olympus-vsi", recognises, open_vsi, (ENDING,), belongings)
