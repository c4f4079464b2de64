"""CLAM-SB: gated attention, taught also by the patches that it attends to most and least.

Lu et al., Nature Biomedical Engineering 2021, doi 10.1038/s41551-020-00682-w. The loss of the
patches is the smooth top-1 SVM (Berrada, Zisserman and Kumar, ICLR 2018, arXiv 1802.07595), with
the margin and temperature of 1 that the paper names.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bigpicture.analysis.mil.abmil import GatedAttention
from bigpicture.analysis.mil.model import BagModel

_MARGIN = 1.0
_TEMPERATURE = 1.0


class ClamSb(BagModel):
    """Class logits (classes,) and attention (n,), which sums to 1, of a bag (n, width).

    `sampled` patches of the highest and of the lowest attention are taken for positive and negative
    evidence of the bag's class; `bag_weight` is what the bag's own loss weighs of 1.
    """

    def __init__(
        self,
        width: int,
        classes: int,
        *,
        hidden: int = 512,
        attention: int = 256,
        dropout: float = 0.25,
        sampled: int = 8,
        bag_weight: float = 0.7,
    ) -> None:
        super().__init__()
        self.sampled, self.bag_weight = sampled, bag_weight
        self.embed = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout))
        self.attend = GatedAttention(hidden, attention, dropout=dropout)
        self.classify = nn.Linear(hidden, classes)
        self.judge = nn.ModuleList(nn.Linear(hidden, 2) for _ in range(classes))

    def forward(self, bag: Tensor) -> tuple[Tensor, Tensor]:
        logits, attention, _ = self._read(bag)
        return logits, attention

    def loss(self, bag: Tensor, label: Tensor) -> Tensor:
        logits, attention, patches = self._read(bag)
        own = nn.functional.cross_entropy(logits[None], label[None])
        count = min(self.sampled, len(bag) // 2)
        if not count:
            return own
        order = torch.argsort(attention, descending=True)
        chosen = torch.cat([order[:count], order[-count:]])
        is_evidence = torch.cat([torch.ones(count), torch.zeros(count)]).long().to(bag.device)
        judged = self.judge[int(label)](patches[chosen])
        by_patch = smooth_svm(judged, is_evidence)
        return self.bag_weight * own + (1 - self.bag_weight) * by_patch

    def _read(self, bag: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        patches = self.embed(bag)
        attention = torch.softmax(self.attend(patches)[:, 0], 0)
        return self.classify(attention @ patches), attention, patches


def smooth_svm(scores: Tensor, labels: Tensor) -> Tensor:
    """The mean smooth top-1 SVM loss of `scores` (n, classes) for `labels` (n,)."""
    margin = torch.full_like(scores, _MARGIN).scatter(1, labels[:, None], 0.0)
    true = scores.gather(1, labels[:, None])
    raised = (scores + margin - true) / _TEMPERATURE
    return (_TEMPERATURE * torch.logsumexp(raised, 1)).mean()
