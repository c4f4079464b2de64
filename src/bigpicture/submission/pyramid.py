"""A pyramid: the instances of one image, finest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bigpicture.model.errors import SlideError
from bigpicture.model.image import Flavour
from bigpicture.model.merkle import merkle_root
from bigpicture.model.submission import FileRole
from bigpicture.submission.check import study_of
from bigpicture.submission.files import SubmittedFile, files_in
from bigpicture.submission.inspect import Inspection
from bigpicture.submission.refusal import Refusal
from bigpicture.submission.stores import Stores


@dataclass(frozen=True, slots=True)
class Pyramid:
    """`levels` are the volume instances with their facts; `thumbnail` is an object key."""

    levels: tuple[tuple[SubmittedFile, Inspection], ...]
    thumbnail: str | None

    @property
    def pixels_root(self) -> str:
        """The Merkle root of the image: over the roots of its levels, finest first."""
        return merkle_root([bytes.fromhex(one.frames_root) for _, one in self.levels]).hex()

    @property
    def base(self) -> Inspection:
        return self.levels[0][1]


def pyramids_of(files: Sequence[SubmittedFile]) -> Mapping[str, Pyramid]:
    """Image alias to pyramid; raises `Refusal` where instances do not make one slide."""
    by_image: defaultdict[str, list[SubmittedFile]] = defaultdict(list)
    for file in files:
        if file.report and "level" in file.report:
            by_image[file.image].append(file)
    problems: list[tuple[SubmittedFile, SlideError]] = []
    found: dict[str, Pyramid] = {}
    for alias, members in by_image.items():
        try:
            found[alias] = _pyramid(alias, members)
        except SlideError as error:
            problems.append((members[0], error))
    if problems:
        raise Refusal.of_files(problems)
    return found


def check_pyramids(stores: Stores, accession: str) -> None:
    """Raises `SlideError` or `Refusal` unless each image of the metadata is one whole pyramid."""
    pyramids = pyramids_of(files_in(stores, accession, roles=[FileRole.IMAGE]))
    for image in study_of(stores, accession).images:
        if image.alias not in pyramids:
            raise SlideError(
                f"no instance lies in the folder of the image {image.alias}.",
                place=str(image.place),
                rule="IMAGES/IMAGE_{alias}/*",
                remedy="Put the image's files into a folder of its own name.",
            )


def _pyramid(alias: str, members: Sequence[SubmittedFile]) -> Pyramid:
    place = f"IMAGES/IMAGE_{alias}"
    facts = [(file, Inspection.from_json(file.report or {})) for file in members]
    volume = [pair for pair in facts if pair[1].flavour is Flavour.VOLUME]
    volume.sort(key=lambda pair: pair[1].level.columns, reverse=True)
    if not volume:
        raise SlideError("this image has no volume instance.", place=place)
    if len({one.series_instance_uid for _, one in facts}) > 1:
        raise SlideError(
            "the instances belong to several series.",
            place=place,
            rule="an Image is one DICOM Series",
            remedy="Put each slide's instances into a folder of its own.",
        )
    if len({one.searched.study_uid for _, one in facts}) > 1:
        raise SlideError(
            "the instances belong to several studies.",
            place=place,
            rule="a DICOM Series lies in one Study (PS3.3 A.1.2)",
            remedy="Export the slide again.",
        )
    if len({one.sop_instance_uid for _, one in facts}) < len(facts):
        raise SlideError(
            "two instances have the same SOP Instance UID.",
            place=place,
            rule="PS3.3 C.12.1: each instance has a name of its own",
            remedy="Leave out the copy, or export the slide again.",
        )
    widths = [one.level.columns for _, one in volume]
    if len(set(widths)) != len(widths):
        raise SlideError("two instances are of the same level.", place=place)
    levels = tuple(
        (file, replace(one, level=replace(one.level, index=index)))
        for index, (file, one) in enumerate(volume)
    )
    return Pyramid(levels, _thumbnail(levels))


def _thumbnail(levels: Sequence[tuple[SubmittedFile, Inspection]]) -> str | None:
    """The preview of the coarsest level that still has enough pixels, else of the finest."""
    previews = [
        (one.level.columns, file.report["preview"])
        for file, one in levels
        if file.report and file.report.get("preview")
    ]
    enough = [preview for width, preview in reversed(previews) if width >= 400]
    return (enough or [preview for _, preview in previews[:1]] or [None])[0]
