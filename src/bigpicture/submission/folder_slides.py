"""Folder slides: what the slides of a dataset folder say themselves, image by image."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bigpicture.dicom.read_facts import read_image_facts
from bigpicture.dicom.witness import witness_instance
from bigpicture.model.errors import SandboxError, SlideError
from bigpicture.model.image_metadata import Image
from bigpicture.model.merkle import merkle_root
from bigpicture.model.slide_facts import ImageFacts, InstanceFacts, base_of, combined
from bigpicture.standard.files import Files, locate
from bigpicture.submission.layout import is_dicom

_FEW = 64
"""Images that one process reads while others would only be starting."""
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Seen:
    """One image of the folder. `facts` is None where none of its files could be read.

    `base` are the names of the files that hold its finest level, and its size in pixels.
    """

    image: Image
    facts: ImageFacts | None
    errors: tuple[SlideError, ...]
    base: tuple[str, ...] = ()
    size: tuple[int, int] = (0, 0)


def see_slides(folder: Path, images: Sequence[Image], files: Files) -> Iterator[Seen]:
    """Read the headers of every image that is DICOM; vendors' files wait for their conversion."""
    paths = [{} if image.is_gross else _paths(folder, image, files) for image in images]
    slides = [image for image, own in zip(images, paths, strict=True) if own]
    with _mapped(len(slides)) as mapped:
        told = mapped(read_image_facts, [own for own in paths if own])
        for image, (instances, errors) in zip(slides, told, strict=True):
            yield _seen(image, instances, errors)


def _paths(folder: Path, image: Image, files: Files) -> dict[str, Path]:
    located = (locate(image, each.filename, files) for each in image.files)
    return {path: folder / path for path in located if path and is_dicom(path)}


@contextmanager
def _mapped(count: int) -> Generator[Callable[..., Iterator[Any]]]:
    """A `map` that uses every core where there is enough to do.

    The processes start anew on every system, so that the same is done on all of them.
    """
    jobs = os.cpu_count() or 1
    if count < _FEW or jobs == 1:
        yield map
        return
    try:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            yield partial(pool.map, chunksize=_AT_ONCE)
    except BrokenProcessPool as error:
        raise SandboxError(
            "a process that reads headers was ended.",
            remedy="There was probably too little memory: try again with less beside it.",
        ) from error


def _seen(image: Image, told: Mapping[str, InstanceFacts], errors: Iterable[SlideError]) -> Seen:
    facts = combined(list(told.values()))
    problems = list(errors)
    if facts is None and not problems:
        problems.append(
            SlideError(
                "no instance of the image is of flavour VOLUME.",
                place=f"IMAGES/IMAGE_{image.alias}",
                rule="PS3.3 C.8.12.4.1.1",
                remedy="Put the slide's levels into its folder.",
            )
        )
    base = base_of(told.values())
    names = tuple(name for name, one in told.items() if one in base)
    size = (base[0].columns, base[0].rows) if base else (0, 0)
    return Seen(image, facts, tuple(problems), names, size)


def roots_of(folder: Path, seen: Iterable[Seen]) -> dict[str, str]:
    """The digest of the pixels of those images of which another has the same size.

    Only these can show the same, so of most slides no pixel is read. Raises nothing: pixel data
    that cannot be read have no digest, and no node takes them.
    """
    by_size: defaultdict[tuple[int, int], list[Seen]] = defaultdict(list)
    for each in seen:
        if each.base:
            by_size[each.size].append(each)
    alike = [each for group in by_size.values() if len(group) > 1 for each in group]
    with _mapped(len(alike)) as mapped:
        roots = list(mapped(partial(_root, folder), [each.base for each in alike]))
    return {each.image.alias: root for each, root in zip(alike, roots, strict=True) if root}


def _root(folder: Path, names: tuple[str, ...]) -> str:
    """The Merkle root of the finest level; of several instances, over their roots in order."""
    try:
        found = [
            witness_instance(folder / name, place=name, sha256=str).frames_root for name in names
        ]
    except Exception:  # noqa: BLE001 - whatever is wrong with them, they have no digest
        return ""
    if len(found) == 1:
        return found[0]
    return merkle_root(sorted(bytes.fromhex(each) for each in found)).hex()
