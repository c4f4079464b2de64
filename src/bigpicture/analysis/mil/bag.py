"""A bag: the vectors of all patches of a slide, or of all slides that a word was stated of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.values import Features
from bigpicture.model.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class Bag:
    """`vectors` are float32 (n, d) by `encoder`; `being` is whose they are.

    `images` has the images that the patches are of, `counts` how many patches of each, in order;
    `coordinates` are int64 (n, 2), level-0 pixels of the patches' upper left. `label` is the class,
    None where it is not known.
    """

    being: str
    images: tuple[str, ...]
    counts: tuple[int, ...]
    vectors: NDArray[np.float32]
    coordinates: NDArray[np.int64]
    encoder: str
    label: int | None = None


def bag_of(image: str, features: Features, *, being: str, label: int | None = None) -> Bag:
    """The bag of one slide; raises `InputError` where it has no patch."""
    if not len(features.vectors):
        raise InputError(
            "a bag has no patch.",
            place=image,
            remedy="Leave slides without tissue out, and say how many these are.",
        )
    return Bag(
        being,
        (image,),
        (len(features.vectors),),
        features.vectors,
        features.coordinates,
        features.encoder,
        label,
    )


def joined(bags: Sequence[Bag], *, label: int | None = None) -> Bag:
    """One bag of several slides of one being: what a word stated of all of them together needs.

    Raises `InputError` where they are of several beings or encoders.
    """
    same_encoder(bags)
    if len({bag.being for bag in bags}) != 1:
        raise InputError(
            "a bag would be of several beings.",
            place="bags",
            remedy="Join the slides of one being.",
        )
    return Bag(
        bags[0].being,
        tuple(image for bag in bags for image in bag.images),
        tuple(count for bag in bags for count in bag.counts),
        np.concatenate([bag.vectors for bag in bags]),
        np.concatenate([bag.coordinates for bag in bags]),
        bags[0].encoder,
        label,
    )


def same_encoder(bags: Iterable[Bag]) -> str:
    """The encoder of all of them; raises `InputError` where there are several, or no bag."""
    encoders = {(bag.encoder, bag.vectors.shape[1]) for bag in bags}
    if len(encoders) != 1:
        raise InputError(
            f"the bags are of {len(encoders)} encoders.",
            place="bags",
            remedy="Compute the features of all slides with one encoder.",
        )
    return encoders.pop()[0]


def by_image(bag: Bag, numbers: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
    """Numbers of a bag's patches (n,), taken apart by image."""
    parts = np.split(numbers, np.cumsum(bag.counts)[:-1])
    return dict(zip(bag.images, parts, strict=True))
