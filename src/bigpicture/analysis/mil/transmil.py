"""TransMIL: patches attend to each other before a class token reads them.

Shao et al., NeurIPS 2021, arXiv 2106.00908: two layers of Nyström attention, between them a
convolution over the patches laid in a square (PPEG), which tells them where they stand.
"""

from __future__ import annotations

from math import ceil

import torch
from torch import Tensor, nn

from bigpicture.analysis.mil.model import BagModel
from bigpicture.analysis.mil.nystrom import NystromAttention


class TransMil(BagModel):
    """Class logits (classes,) and attention (n,), which sums to 1, of a bag (n, width).

    Attention is what the class token attends to in the last layer. The order of the patches
    matters: give them row by row. It differs from the paper in two things: the class token attends
    to the patches themselves, and what mixes patches begins at 0.
    """

    def __init__(
        self,
        width: int,
        classes: int,
        *,
        hidden: int = 512,
        heads: int = 8,
        landmarks: int = 256,
        dropout: float = 0.25,
    ) -> None:
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout))
        self.token = nn.Parameter(torch.randn(1, hidden) * 0.02)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(3))
        self.first = NystromAttention(hidden, heads=heads, landmarks=landmarks)
        self.place = Ppeg(hidden)
        self.second = NystromAttention(hidden, heads=heads, landmarks=landmarks)
        self.classify = nn.Linear(hidden, classes)
        silence(self.first.out, self.first.near, self.second.near, *self.place.sizes)

    def forward(self, bag: Tensor) -> tuple[Tensor, Tensor]:
        count = len(bag)
        side = ceil(count**0.5)
        patches = self.embed(bag)
        # The square is filled up with the first patches again, as the paper does.
        more = patches[torch.arange(side * side - count, device=bag.device) % count]
        rows = torch.cat([self.token, patches, more])
        rows = rows + self.first(self.norms[0](rows))[0]
        rows = self.place(rows, side)
        attended, attention = self.second(self.norms[1](rows))
        logits = self.classify(self.norms[2]((rows + attended)[0]))
        own = attention[1 : count + 1]
        return logits, own / own.sum()


def silence(*layers: nn.Module) -> None:
    """Have these layers begin at 0: each patch is itself until it pays to know of the others.

    Begun by chance, what a patch takes from its neighbours drowns what it shows itself, and the
    training bags are learned by heart.
    """
    for layer in layers:
        for each in layer.parameters():
            nn.init.zeros_(each)


class Ppeg(nn.Module):
    """Adds to each patch what lies around it on the square, at three sizes."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.sizes = nn.ModuleList(
            nn.Conv2d(width, width, taps, padding=taps // 2, groups=width) for taps in (7, 5, 3)
        )

    def forward(self, rows: Tensor, side: int) -> Tensor:
        square = rows[1:].T.reshape(1, -1, side, side)
        placed = square + sum(size(square) for size in self.sizes)
        return torch.cat([rows[:1], placed[0].flatten(1).T])
