"""ABMIL: a bag is the sum of its patches, weighed by a gated attention.

Ilse, Tomczak and Welling, ICML 2018, arXiv 1802.04712, equation 9.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bigpicture.analysis.mil.model import BagModel


class GatedAttention(nn.Module):
    """Attention logits (n, heads) of patches (n, width)."""

    def __init__(self, width: int, hidden: int, heads: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        self.value = nn.Linear(width, hidden)
        self.gate = nn.Linear(width, hidden)
        self.score = nn.Linear(hidden, heads)
        self.drop = nn.Dropout(dropout)

    def forward(self, patches: Tensor) -> Tensor:
        gated = torch.tanh(self.value(patches)) * torch.sigmoid(self.gate(patches))
        return self.score(self.drop(gated))


class Abmil(BagModel):
    """Class logits (classes,) and attention (n,), which sums to 1, of a bag (n, width)."""

    def __init__(
        self,
        width: int,
        classes: int,
        *,
        hidden: int = 256,
        attention: int = 128,
        dropout: float = 0.25,
    ) -> None:
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout))
        self.attend = GatedAttention(hidden, attention)
        self.classify = nn.Linear(hidden, classes)

    def forward(self, bag: Tensor) -> tuple[Tensor, Tensor]:
        patches = self.embed(bag)
        attention = torch.softmax(self.attend(patches)[:, 0], 0)
        return self.classify(attention @ patches), attention
