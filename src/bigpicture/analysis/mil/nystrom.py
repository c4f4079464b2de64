"""Nyström attention: self-attention whose cost grows with the number of patches, not its square.

Xiong et al., AAAI 2021, arXiv 2102.03902: patches attend to landmarks, the means of segments; the
inverse between landmarks is found by six steps of Razavi et al. 2014.
"""

from __future__ import annotations

from math import ceil

import torch
from torch import Tensor, nn


class NystromAttention(nn.Module):
    """Attended rows (n, width), and what the first attends to (n,), the mean of the heads.

    The first row, the class token, attends to every row itself: landmarks are means of patches and
    would show it one patch in a hundred as hardly any. One row costs no more than they do.
    """

    def __init__(
        self, width: int, *, heads: int = 8, landmarks: int = 256, steps: int = 6, taps: int = 33
    ) -> None:
        super().__init__()
        self.heads, self.landmarks, self.steps = heads, landmarks, steps
        self.project = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width)
        self.near = nn.Conv2d(heads, heads, (taps, 1), padding=(taps // 2, 0), groups=heads)

    def forward(self, patches: Tensor) -> tuple[Tensor, Tensor]:
        count, width = patches.shape
        pad = -count % ceil(count / self.landmarks) if count > self.landmarks else 0
        padded = nn.functional.pad(patches, (0, 0, pad, 0))
        query, key, value = (
            part.reshape(count + pad, self.heads, width // self.heads).transpose(0, 1)
            for part in self.project(padded).chunk(3, -1)
        )
        query = query / (width // self.heads) ** 0.5
        left, middle, right = kernels(query, key, self.landmarks)
        inverse = pseudo_inverse(middle, self.steps)
        attended = (left @ (inverse @ (right @ value)) + self.near(value[None])[0])[:, pad + 1 :]
        own = torch.softmax(query[:, pad, None] @ key[:, pad:].transpose(1, 2), -1)
        rows = torch.cat([own @ value[:, pad:], attended], 1)
        return self.out(rows.transpose(0, 1).reshape(count, width)), own[:, 0].mean(0)


def kernels(query: Tensor, key: Tensor, landmarks: int) -> tuple[Tensor, Tensor, Tensor]:
    """Patches to landmarks, landmarks to landmarks, landmarks to patches, each softmaxed.

    `query` and `key` are (heads, n, d), n a multiple of the segment's length.
    """
    heads, count, depth = query.shape
    length = ceil(count / landmarks) if count > landmarks else 1
    means = [each.reshape(heads, -1, length, depth).mean(2) for each in (query, key)]
    left = torch.softmax(query @ means[1].transpose(1, 2), -1)
    middle = torch.softmax(means[0] @ means[1].transpose(1, 2), -1)
    right = torch.softmax(means[0] @ key.transpose(1, 2), -1)
    return left, middle, right


def pseudo_inverse(matrix: Tensor, steps: int = 6) -> Tensor:
    """Of (heads, m, m), by steps of third order; the start makes them converge."""
    sums = matrix.abs().sum(-1).amax(), matrix.abs().sum(-2).amax()
    inverse = matrix.transpose(-1, -2) / (sums[0] * sums[1])
    one = torch.eye(matrix.shape[-1], dtype=matrix.dtype, device=matrix.device)
    for _ in range(steps):
        near = matrix @ inverse
        inverse = inverse @ (13 * one - near @ (15 * one - near @ (7 * one - near))) / 4
    return inverse
