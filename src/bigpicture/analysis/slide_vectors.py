"""Slide vectors: one for each image of a dataset, the mean of its patches' kept features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from bigpicture.analysis.feature_table import read_features
from bigpicture.model.algorithm import OutputKind
from bigpicture.model.errors import ErasedError
from bigpicture.storage.records.run_tables import results
from bigpicture.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class FeatureFiles:
    """By which version of an algorithm most images have features, and the newest file of each."""

    maker: str
    objects: Mapping[str, str]


def find_feature_files(connection: Connection, dataset: str) -> FeatureFiles:
    """The objects of features of a dataset by image; none of where nothing was computed."""
    rows = connection.execute(
        select(results.c.image, results.c.algorithm, results.c.version, results.c.object)
        .where(
            results.c.dataset == dataset,
            results.c.kind == OutputKind.FEATURES,
            results.c.object.is_not(None),
        )
        .order_by(results.c.created, results.c.key)
    ).all()
    newest = {(f"{row.algorithm} {row.version}", row.image): str(row.object) for row in rows}
    makers = Counter(maker for maker, _ in newest)
    if not makers:
        return FeatureFiles("", {})
    maker = min(makers, key=lambda each: (-makers[each], each))
    return FeatureFiles(
        maker, {image: key for (made_by, image), key in newest.items() if made_by == maker}
    )


def read_slide_vectors(
    vault: Vault, files: FeatureFiles, images: Iterable[str], *, most: int
) -> Mapping[str, NDArray[np.float64]]:
    """A vector (d,) for each image, the mean over its patches; of more than `most`, evenly chosen.

    Images without a patch, and those whose features were erased meanwhile, have none. May block.
    """
    there = [image for image in images if image in files.objects]
    chosen = there if len(there) <= most else [there[at * len(there) // most] for at in range(most)]
    found: dict[str, NDArray[np.float64]] = {}
    for image in chosen:
        try:
            features = read_features(vault.read(files.objects[image]))
        except ErasedError:
            continue
        if len(features.vectors):
            found[image] = features.vectors.mean(axis=0, dtype=np.float64)
    widths = Counter(len(vector) for vector in found.values())
    wide = max(widths, key=lambda each: (widths[each], each), default=0)
    return {image: vector for image, vector in found.items() if len(vector) == wide}
