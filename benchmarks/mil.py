"""Attention MIL: bags a second of fitting beside the same net in a plain loop of torch.

Usage: python -m benchmarks.mil
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np
import torch
from torch import nn

from benchmarks.claim import Claim
from bigpicture.analysis.mil.bag import Bag
from bigpicture.analysis.mil.fit import fit
from bigpicture.analysis.mil.training import Training

PATCHES, WIDTH, BAGS, ROUNDS = 1000, 384, 40, 5
HIDDEN, ATTENTION = 256, 128


def claims() -> list[Claim]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    bags = _bags(BAGS, "a")
    tune = _bags(2, "b")
    runs = [(_ours(bags, tune), _plain(bags)) for _ in range(ROUNDS)]
    torch.set_num_threads(before)
    ours, peer = (BAGS / median(each) for each in zip(*runs, strict=True))
    return [
        Claim.of(
            f"ABMIL: fitting bags of {PATCHES} x {WIDTH}, one core (peer: a plain torch loop)",
            ours=ours,
            peer=peer,
            unit="bags/s",
            target=0.9,
        )
    ]


def _bags(count: int, prefix: str) -> list[Bag]:
    chance = np.random.default_rng(1)
    made = []
    for at in range(count):
        vectors = chance.normal(size=(PATCHES, WIDTH)).astype(np.float32)
        places = np.zeros((PATCHES, 2), np.int64)
        name = f"{prefix}{at}"
        made.append(Bag(name, (name,), (PATCHES,), vectors, places, "none", at % 2))
    return made


def _ours(bags: list[Bag], tune: list[Bag]) -> float:
    """CPU seconds of one epoch, all that `fit` does around it included."""
    began = time.process_time()
    shape = {"hidden": HIDDEN, "attention": ATTENTION}
    fit(bags, tune, Training(model="abmil", shape=shape, epochs=1))
    return time.process_time() - began


class _Net(nn.Module):
    """The gated attention of Ilse et al. 2018 as it is commonly written."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.ReLU(), nn.Dropout(0.25))
        self.v, self.u = nn.Linear(HIDDEN, ATTENTION), nn.Linear(HIDDEN, ATTENTION)
        self.w, self.classifier = nn.Linear(ATTENTION, 1), nn.Linear(HIDDEN, 2)

    def forward(self, x):
        h = self.features(x)
        a = torch.softmax(self.w(torch.tanh(self.v(h)) * torch.sigmoid(self.u(h))), 0)
        return self.classifier((a * h).sum(0))


def _plain(bags: list[Bag]) -> float:
    """CPU seconds of one epoch over tensors that are there already."""
    data = [(torch.from_numpy(bag.vectors), torch.tensor([bag.label])) for bag in bags]
    net = _Net()
    steps = torch.optim.AdamW(net.parameters(), 2e-4)
    began = time.process_time()
    for x, y in data:
        loss = nn.functional.cross_entropy(net(x)[None], y)
        steps.zero_grad()
        loss.backward()
        steps.step()
    return time.process_time() - began


if __name__ == "__main__":
    for claim in claims():
        print(f"{claim.name}: {claim.ours:.1f} beside {claim.peer:.1f} {claim.unit}")
