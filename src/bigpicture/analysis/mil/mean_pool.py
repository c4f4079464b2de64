"""Mean pooling: every patch weighs the same. What an attention has to beat."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bigpicture.analysis.mil.model import BagModel


class MeanPool(BagModel):
    """Class logits (classes,) of the mean of a bag (n, width); attention (n,) is 1/n."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.classify = nn.Linear(width, classes)

    def forward(self, bag: Tensor) -> tuple[Tensor, Tensor]:
        even = torch.full((len(bag),), 1 / len(bag), dtype=bag.dtype, device=bag.device)
        return self.classify(bag.mean(0)), even
