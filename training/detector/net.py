"""The net: small, fully convolutional, three maps (text, code, label) at a quarter scale."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

CHANNELS = 3
STRIDE = 4
REACH = 31
"""Pixels a side over which grey is levelled, as `bigpicture.deidentify.maps` does."""
FLOOR = 3 / 255
"""Deviation below which nothing is levelled further."""


class Turn(nn.Sequential):
    """Convolution, normalisation, rectifier."""

    def __init__(
        self, given: int, made: int, size: int = 3, stride: int = 1, dilation: int = 1
    ) -> None:
        padding = dilation * (size // 2)
        super().__init__(
            nn.Conv2d(given, made, size, stride, padding, dilation, bias=False),
            nn.BatchNorm2d(made),
            nn.ReLU(inplace=True),
        )


class Net(nn.Module):
    """Levelled pixels (n, 4, rows, columns) to logits (n, 3, rows/4, columns/4).

    Sides are multiples of 16.
    """

    def __init__(self, widths: tuple[int, int, int, int] = (12, 24, 40, 64)) -> None:
        super().__init__()
        a, b, c, d = widths
        self.at2 = Turn(4, a, 5, 2)
        self.at4 = nn.Sequential(Turn(a, b, 3, 2), Turn(b, b))
        self.at8 = nn.Sequential(Turn(b, c, 3, 2), Turn(c, c), Turn(c, c))
        self.at16 = nn.Sequential(Turn(c, d, 3, 2), Turn(d, d, dilation=2), Turn(d, d, dilation=2))
        self.narrow8 = Turn(d, c, 1)
        self.join8 = Turn(c, c)
        self.narrow4 = Turn(c, b, 1)
        self.join4 = Turn(b, b)
        self.maps = nn.Conv2d(b, CHANNELS, 1)

    def forward(self, x: Tensor) -> Tensor:
        x4 = self.at4(self.at2(x))
        x8 = self.at8(x4)
        x16 = self.at16(x8)
        x8 = self.join8(
            x8 + functional.interpolate(self.narrow8(x16), scale_factor=2.0, mode="nearest")
        )
        x4 = self.join4(
            x4 + functional.interpolate(self.narrow4(x8), scale_factor=2.0, mode="nearest")
        )
        return self.maps(x4)


def levelled(pictures: Tensor) -> Tensor:
    """RGB 0..1 (n, 3, rows, columns) to colour about 0 and grey levelled by its surroundings."""
    grey = pictures.mean(dim=1, keepdim=True)
    pad = REACH // 2
    mean = functional.avg_pool2d(functional.pad(grey, (pad,) * 4, mode="reflect"), REACH, 1)
    square = functional.avg_pool2d(
        functional.pad(grey * grey, (pad,) * 4, mode="reflect"), REACH, 1
    )
    spread = (square - mean * mean).clamp_min(0).add(FLOOR**2).sqrt()
    return torch.cat([2 * pictures - 1, ((grey - mean) / spread).clamp(-4, 4) / 2], dim=1)


def fused(net: Net) -> Net:
    """The net in use: normalisation folded into the convolutions."""
    plain = copy.deepcopy(net).eval().cpu().float()
    for module in list(plain.modules()):
        if isinstance(module, Turn):
            module[0] = fuse_conv_bn_eval(module[0], module[1])
            module[1] = nn.Identity()
    return plain


def export(net: Net, path: Path) -> None:
    """Write the net as ONNX, which needs no torch to run."""
    torch.onnx.export(
        fused(net),
        (torch.zeros(1, 4, 128, 128),),
        str(path),
        input_names=["pixels"],
        output_names=["maps"],
        dynamic_axes={"pixels": {2: "rows", 3: "columns"}, "maps": {2: "rows4", 3: "columns4"}},
        opset_version=13,
        dynamo=False,
    )
