"""Bags with planted witnesses: one patch in a hundred of a positive bag lies apart."""

from __future__ import annotations

import numpy as np

from bigpicture.analysis.mil.bag import Bag

ENCODER = "planted@1#0"


def planted(count, *, seed, patches=300, width=32, shift=6.0, share=0.01, prefix="b"):
    """Every second bag is positive; returns the bags and, of each, which patches are witnesses."""
    chance = np.random.default_rng(seed)
    way = np.random.default_rng(99).normal(size=width)
    way /= np.linalg.norm(way)
    bags, witnesses = [], []
    for at in range(count):
        vectors = chance.normal(size=(patches, width)).astype(np.float32)
        is_witness = np.zeros(patches, bool)
        if at % 2:
            is_witness[chance.choice(patches, round(patches * share), replace=False)] = True
            vectors[is_witness] += (shift * way).astype(np.float32)
        name = f"{prefix}{seed}-{at}"
        cells = np.arange(patches)
        places = np.stack([cells % 20, cells // 20], 1).astype(np.int64) * 224
        bags.append(Bag(name, (name,), (patches,), vectors, places, ENCODER, at % 2))
        witnesses.append(is_witness)
    return bags, witnesses
