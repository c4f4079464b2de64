"""Draw small plots as SVG, for pages that load no script and no picture."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_WIDTH, _ROW, _NAME, _NUMBER = 640, 22, 180, 90
_PLOT = _WIDTH - _NAME - _NUMBER


def bars(title: str, rows: Sequence[tuple[str, float, str]]) -> str:
    """Horizontal bars: name, length (0 and more), and what stands behind it. One SVG element."""
    most = max((length for _, length, _ in rows), default=0.0) or 1.0
    parts: list[str] = []
    for at, (name, length, told) in enumerate(rows):
        y = at * _ROW
        wide = length / most * _PLOT
        parts.append(_text(_NAME - 8, y + 15, name, anchor="end"))
        parts.append(_rectangle(_NAME, y + 4, wide, _ROW - 8))
        parts.append(_text(_NAME + wide + 6, y + 15, told))
    return _svg(title, len(rows) * _ROW, parts)


def histogram(title: str, edges: Sequence[float], counts: Sequence[int]) -> str:
    """Counts between `edges` (one more than counts) as columns over a scale. One SVG element."""
    high = 120
    most = max(counts, default=0) or 1
    wide = (_WIDTH - 20) / max(1, len(counts))
    parts = [
        _rectangle(10 + at * wide, high - count / most * (high - 10), wide - 1, count / most * 110)
        for at, count in enumerate(counts)
    ]
    if edges:
        parts.append(_text(10, high + 16, f"{edges[0]:.4g}"))
        parts.append(_text(_WIDTH - 10, high + 16, f"{edges[-1]:.4g}", anchor="end"))
    return _svg(title, high + 22, parts)


def boxes(title: str, rows: Sequence[tuple[str, Sequence[float], str]]) -> str:
    """A box for each row of five quantiles (5, 25, 50, 75, 95 %), on one scale. One SVG element.

    A row without quantiles shows its name and what stands behind it.
    """
    told = [number for _, quantiles, _ in rows for number in quantiles]
    low, high = min(told, default=0.0), max(told, default=1.0)
    step = _PLOT / ((high - low) or 1.0)
    parts: list[str] = []
    for at, (name, quantiles, note) in enumerate(rows):
        y = at * _ROW
        parts.append(_text(_NAME - 8, y + 15, name, anchor="end"))
        parts.append(_text(_WIDTH - _NUMBER + 6, y + 15, note))
        if quantiles:
            ends = [_NAME + (number - low) * step for number in quantiles]
            parts.append(_rectangle(ends[0], y + 10, ends[4] - ends[0], 2))
            parts.append(_rectangle(ends[1], y + 4, ends[3] - ends[1], _ROW - 8))
            parts.append(_rectangle(ends[2] - 1, y + 2, 2, _ROW - 4, "plot-middle"))
    return _svg(title, len(rows) * _ROW, parts)


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" viewBox="0 0 {_WIDTH} '
        f'{height:g}" width="{_WIDTH}" height="{height:g}" font-size="12" '
        f'font-family="sans-serif"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def _rectangle(x: float, y: float, width: float, height: float, kind: str = "plot-bar") -> str:
    # A colour each, so that it is seen without a style sheet; the portal's wins over it.
    colour = "#4a6fa5" if kind == "plot-bar" else "#14213d"
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
        f'height="{max(height, 0):.1f}" fill="{colour}"/>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    shown = text if len(text) <= 28 else f"{text[:27]}…"
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="currentColor">'
        f"{escape(shown)}</text>"
    )
