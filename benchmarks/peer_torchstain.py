"""torchstain and spams in a process of their own: stains of a picture, timed, on one thread.

A line of JSON, `["fit", target]`, `["normalise", picture, backend]` or `["spams", densities]`,
each a path of an array of NumPy. Answers the seconds that it took, or the stain matrix.
"""

from __future__ import annotations

import json
import sys
from time import process_time

import numpy as np
import spams
import torch
import torchstain

torch.set_num_threads(1)


def main():
    print("ready", flush=True)
    makers = {
        name: torchstain.normalizers.MacenkoNormalizer(backend=name) for name in ("numpy", "torch")
    }
    for line in sys.stdin:
        what, path, *more = json.loads(line)
        array = np.load(path)
        if what == "spams":
            print(json.dumps(factors(array)), flush=True)
            continue
        names = more or list(makers)
        began = process_time()
        for name in names:
            given = array if name == "numpy" else torch.from_numpy(array).permute(2, 0, 1).float()
            if what == "fit":
                makers[name].fit(given)
            else:
                makers[name].normalize(I=given, stains=False)
        print(process_time() - began, flush=True)


def factors(densities):
    """The columns of Vahadane's matrix, the one that absorbs more red first."""
    found = spams.trainDL(
        np.asfortranarray(densities.T), K=2, lambda1=0.1, mode=2, modeD=0, posAlpha=True,
        posD=True, verbose=False, iter=1000, batchsize=2000, numThreads=1,
    )  # fmt: skip
    found = found / np.linalg.norm(found, axis=0)
    return (found if found[0, 0] >= found[0, 1] else found[:, ::-1]).tolist()


main()
