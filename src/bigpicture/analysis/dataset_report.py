"""Report on a dataset: coverage, quality, and whether its sites can be told from its features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bigpicture.analysis.bias_probe import probe
from bigpicture.model.dataset_report import (
    Coverage,
    DatasetReport,
    ImageRow,
    Probe,
    Quality,
    Share,
    Spread,
)
from bigpicture.model.errors import InputError

PROPERTIES = ("site", "scanner", "sex", "age", "stain")
"""Coverage is told of these, whether stated or not: that nobody stated them is a finding too."""
PROBED = ("site", "scanner")
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_BARS = 24


def report_on(
    rows: Sequence[ImageRow],
    *,
    title: str,
    is_generated: bool,
    vectors: Mapping[str, NDArray[np.floating]] | None = None,
    encoder: str = "",
    within: str | None = None,
    draws: int = 199,
    seed: int = 0,
) -> DatasetReport:
    """The report on `rows`, one for each image.

    `vectors` has one vector (d,) for each image by its name (the mean of its patches will do), made
    by `encoder`; without, nothing is probed and the report says so. `within` names a property whose
    values are not exchanged by the probe (`stain`, where sites differ in it). `is_generated` says
    that the slides were drawn by a program. Raises `InputError` where there is no image.
    """
    if not rows:
        raise InputError(
            "there is no image.", place=title, remedy="Choose a dataset that has some."
        )
    more = sorted({name for row in rows for name in row.properties} - set(PROPERTIES))
    facets = sorted({name for row in rows for name in row.facets})
    return DatasetReport(
        title,
        len(rows),
        len({row.being for row in rows}),
        is_generated,
        tuple(coverage(rows, name) for name in (*PROPERTIES, *more)),
        tuple(quality(rows, facet) for facet in facets),
        tuple(
            _probed(rows, name, vectors or {}, encoder, within=within, draws=draws, seed=seed)
            for name in PROBED
        ),
    )


def coverage(rows: Sequence[ImageRow], name: str) -> Coverage:
    """How many images and beings have each value of a property, the most frequent first."""
    images = Counter(row.properties.get(name) for row in rows)
    beings = Counter(value for value, _ in {(row.properties.get(name), row.being) for row in rows})
    shares = [Share(value, count, beings[value]) for value, count in images.items()]
    return Coverage(
        name, tuple(sorted(shares, key=lambda share: (-share.images, share.value or "~")))
    )


def quality(rows: Sequence[ImageRow], facet: str) -> Quality:
    """How a facet is spread over all images, and over those of each site."""
    numbers = _numbers(rows, facet)
    counts, edges = np.histogram(numbers, bins=_BARS) if len(numbers) else (np.zeros(0), [])
    sites = sorted({row.properties.get("site") or "" for row in rows})
    return Quality(
        facet,
        _spread("all", rows, facet),
        tuple(float(edge) for edge in edges),
        tuple(int(count) for count in counts),
        tuple(
            _spread(
                site or "not stated",
                [row for row in rows if (row.properties.get("site") or "") == site],
                facet,
            )
            for site in sites
        ),
    )


def _spread(group: str, rows: Sequence[ImageRow], facet: str) -> Spread:
    numbers = _numbers(rows, facet)
    told = tuple(float(each) for each in np.quantile(numbers, _QUANTILES)) if len(numbers) else ()
    return Spread(group, len(rows), len(rows) - len(numbers), told)


def _numbers(rows: Sequence[ImageRow], facet: str) -> NDArray[np.float64]:
    given = (row.facets.get(facet) for row in rows)
    return np.array([each for each in given if each is not None and np.isfinite(each)], np.float64)


def _probed(
    rows: Sequence[ImageRow],
    name: str,
    vectors: Mapping[str, NDArray[np.floating]],
    encoder: str,
    *,
    within: str | None,
    draws: int,
    seed: int,
) -> Probe:
    known = [row for row in rows if row.image in vectors]
    if not known:
        beings = len({row.being for row in known})
        return Probe(name, encoder, None, None, None, (), 0, beings, "no features were given")
    return probe(
        np.stack([vectors[row.image] for row in known]),
        [row.properties.get(name) for row in known],
        [row.being for row in known],
        name=name,
        encoder=encoder,
        within=[row.properties.get(within) or "" for row in known] if within else None,
        draws=draws,
        seed=seed,
    )
