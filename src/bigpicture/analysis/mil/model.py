"""A model of bags: what all of them take and give."""

from __future__ import annotations

from torch import Tensor, nn


class BagModel(nn.Module):
    """Called with a bag, float32 (n, width), gives class logits (classes,) and attention (n,).

    The attention sums to 1. `loss` is what fitting lowers.
    """

    def loss(self, bag: Tensor, label: Tensor) -> Tensor:
        """Cross-entropy of the bag's class, `label` an integer without dimensions."""
        logits, _ = self(bag)
        return nn.functional.cross_entropy(logits[None], label[None])
