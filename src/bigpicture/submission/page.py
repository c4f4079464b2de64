"""The shell of the pages that are handed on as files: one look, no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_STYLE = """
:root { color-scheme: light dark; --paper: #fcfbfd; --raised: #fff; --line: #e4e0ea;
  --ink: #1f1a2c; --soft: #565066; --faint: #6c657c; --accent: #47378f; --stage: #e6e2eb;
  --good: #1d6a4e; --good-wash: #e5f3ec; --care: #85560a; --care-wash: #faf1de;
  --bad: #a62a2c; --bad-wash: #fceaea; }
@media (prefers-color-scheme: dark) { :root { --paper: #121016; --raised: #1a1720;
  --line: #2d2837; --ink: #ece9f2; --soft: #b6b0c3; --faint: #9790a6; --accent: #b6a8f2;
  --stage: #4b4b4b; --good: #80d0ac; --good-wash: #16302a; --care: #e6bd6d; --care-wash: #332814;
  --bad: #f5938f; --bad-wash: #3b1b1c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 2.5rem clamp(1rem, 4vw, 2.5rem) 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .8rem; }
p { margin: 0; } .lead { color: var(--soft); max-width: 46rem; }
dl.sums { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem;
  margin: 1.8rem 0 0; }
dl.sums div { background: var(--raised); border: 1px solid var(--line); border-radius: 10px;
  padding: .8rem 1rem; display: flex; flex-direction: column-reverse;
  justify-content: flex-end; }
dl.sums dt { color: var(--soft); font-size: .86rem; }
dl.sums dd { margin: 0; font-size: 1.55rem; font-weight: 600; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.mark { display: inline-block; padding: .08rem .55rem; border-radius: 99px; font-size: .82rem;
  font-weight: 600; white-space: nowrap; }
.good { color: var(--good); background: var(--good-wash); }
.care { color: var(--care); background: var(--care-wash); }
.bad { color: var(--bad); background: var(--bad-wash); }
table { width: 100%; border-collapse: collapse; background: var(--raised);
  border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
th { text-align: left; font-weight: 500; font-size: .82rem; color: var(--faint);
  padding: .6rem .8rem; border-bottom: 1px solid var(--line); }
td { padding: .7rem .8rem; border-bottom: 1px solid var(--line); vertical-align: middle; }
tr:last-child td { border-bottom: 0; }
.size, .size small, td:nth-child(2) small, td[data-name=rule] code { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.picture { width: 92px; padding-right: 0; }
.picture img, .picture span { display: block; width: 80px; height: 60px; object-fit: contain;
  background: var(--stage); border-radius: 6px; }
code { font: .86em ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas,
  monospace; overflow-wrap: anywhere; }
td small, li small { color: var(--soft); font-size: .86rem; display: block; }
ul.refused { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
ul.refused li { background: var(--raised); border: 1px solid var(--line);
  border-left: 4px solid var(--bad); border-radius: 8px; padding: .8rem 1rem; }
ul.refused p { margin-top: .3rem; } ul.refused .remedy { color: var(--soft); }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .88rem; display: grid; gap: .35rem; }
@media (max-width: 760px) {
  thead { display: none; } table, tbody { display: block; }
  tr { display: grid; grid-template-columns: 92px minmax(0, 1fr); padding: .8rem 0;
    border-bottom: 1px solid var(--line); } tr:last-child { border-bottom: 0; }
  td { border: 0; padding: .1rem .8rem; } .picture { grid-row: span 5; padding-left: .8rem; }
  .number { text-align: left; white-space: normal; } .number small { display: inline; }
  .number small::before { content: ", "; }
  td[data-name]::before { content: attr(data-name) ": "; color: var(--soft); } }
@media print { main { max-width: none; padding: 0; } tr, li { break-inside: avoid; } }
"""


def document(title: str, parts: Sequence[str]) -> str:
    """A whole page out of its parts, HTML each; empty ones are left out."""
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def share(part: int, whole: int) -> str:
    """A part of a whole in per cent; never 0 or 100 where it is neither."""
    if not whole:
        return "–"
    if part in {0, whole}:
        return f"{100 * part // whole} %"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f} %"


def size(count: int) -> str:
    """Bytes as people read them."""
    amount, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    return f"{amount:,.0f} {units[0]}" if units[0] == "bytes" else f"{amount:.3g} {units[0]}"
