"""Concordance of risks and survival: Harrell's C.

Harrell et al., JAMA 1982, doi 10.1001/jama.1982.03320430047030.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bigpicture.model.errors import InputError


def concordance(times: npt.ArrayLike, events: npt.ArrayLike, risks: npt.ArrayLike) -> float:
    """The share of comparable pairs in which who had the event first had the higher risk.

    `times` until the event (`events` 1) or until last seen without one (0), shape (n,), any unit;
    equal risks count one half. Of equal times only an event and a censored one are comparable.
    Raises `InputError` where the shapes differ or no pair is comparable.
    """
    until = np.asarray(times, np.float64)
    happened = np.asarray(events).astype(bool)
    risk = np.asarray(risks, np.float64)
    if not until.shape == happened.shape == risk.shape or until.ndim != 1:
        raise InputError(
            "times, events and risks do not belong together.",
            place="times",
            remedy="Give one of each for every case.",
        )
    pairs = hits = 0.0
    for at in np.flatnonzero(happened):
        later = (until > until[at]) | ((until == until[at]) & ~happened)
        pairs += int(later.sum())
        hits += float((risk[at] > risk[later]).sum() + (risk[at] == risk[later]).sum() / 2)
    if not pairs:
        raise InputError(
            "no pair is comparable.",
            place="events",
            remedy="Evaluate where events happened before others were last seen.",
        )
    return hits / pairs
