"""The page that shows a folder's conversions to a person: one file, no script, nothing fetched."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bigpicture.submission.describe import FORMAT_NAMES

Told = Mapping[str, Any]
"""The record as it is written for programs."""

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
.size, .size small, td:nth-child(2) small { white-space: nowrap; }
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

_MARKS = {
    "converted": ("good", "converted"),
    "unchanged": ("good", "checked, unchanged"),
    "refused": ("bad", "refused"),
    "waiting": ("care", "waiting"),
}


def draw_page(told: Told, pictures: Mapping[str, bytes]) -> str:
    """The page as HTML; `pictures` are JPEGs by the pseudonyms of the slides they show."""
    slides: Sequence[Told] = told["slides"]
    kept = [each for each in slides if "levels" in each]
    parts = [
        _head(told, kept),
        _refused([each for each in slides if each["state"] == "refused"]),
        _waiting([each for each in slides if each["state"] == "waiting"]),
        _table(kept, pictures),
        _foot(told),
    ]
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(_title(told))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _title(told: Told) -> str:
    count = len(told["slides"])
    return f"Conversion of {count:,} slide{'' if count == 1 else 's'} to DICOM"


def _head(told: Told, kept: Sequence[Told]) -> str:
    counts = told["counts"]
    done = counts["converted"] + counts["unchanged"]
    total = sum(counts.values())
    if not told["is_finished"]:
        lead = f"Not finished: {done:,} of {total:,} slides are converted so far."
    elif counts["refused"]:
        lead = f"{done:,} of {total:,} slides were converted; the others left nothing behind."
    else:
        lead = "All slides were converted."
    copied = sum(each["frames_copied"] for each in kept)
    encoded = sum(each["frames_encoded"] for each in kept)
    sums = [
        ("converted", f"{done:,}"),
        ("refused", f"{counts['refused']:,}"),
        *([("waiting", f"{counts['waiting']:,}")] if counts["waiting"] else []),
        ("of DICOM", _size(sum(each["bytes"] for each in kept))),
        ("tiles copied as they were", _share(copied, copied + encoded)),
        ("fields removed or replaced", f"{sum(each['fields_removed'] for each in kept):,}"),
    ]
    boxes = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in sums)
    return (
        f'<h1>{escape(_title(told))}</h1>\n<p class="lead">{escape(lead)} Slides go by their '
        "pseudonyms; the names of their files are not in this page.</p>\n"
        f'<dl class="sums">{boxes}</dl>'
    )


def _refused(slides: Sequence[Told]) -> str:
    if not slides:
        return ""
    items = "".join(
        '<li><span class="mark bad">refused</span> '
        f"<code>{escape(each['image'])}</code>"
        f"<p>{escape(_sentence(each))}</p>"
        + (f'<p class="remedy">{escape(each["remedy"])}</p>' if each["remedy"] else "")
        + "</li>"
        for each in slides
    )
    return f'<h2>Refused</h2>\n<ul class="refused">{items}</ul>'


def _sentence(slide: Told) -> str:
    what = str(slide["what"])
    place = f"{slide['place']}: " if slide["place"] else ""
    rule = f" ({slide['rule']})" if slide["rule"] else ""
    return f"{place}{what if place else what[:1].upper() + what[1:]}{rule}"


def _waiting(slides: Sequence[Told]) -> str:
    if not slides:
        return ""
    names = ", ".join(f"<code>{escape(each['image'])}</code>" for each in slides)
    return f"<h2>Waiting</h2>\n<p>Run the same command again to convert them: {names}</p>"


def _table(slides: Sequence[Told], pictures: Mapping[str, bytes]) -> str:
    if not slides:
        return ""
    headings = ("", "slide", "pixels", "tiles", "removed", "proof")
    head = "".join(
        f"<th{' class=number' if name in {'tiles', 'removed'} else ''}>{name}</th>"
        for name in headings
    )
    rows = "\n".join(_row(each, pictures.get(each["image"])) for each in slides)
    return (
        f"<h2>Converted</h2>\n<table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>"
    )


def _row(slide: Told, picture: bytes | None) -> str:
    colour, state = _MARKS[slide["state"]]
    levels, kind = slide["levels"], FORMAT_NAMES.get(str(slide["format"]), str(slide["format"]))
    encoded = slide["frames_encoded"]
    copied = slide["frames_copied"]
    tiles = f"{copied:,} copied" if copied else f"{encoded:,} encoded again"
    tiles += f"<small>{encoded:,} encoded again</small>" if copied and encoded else ""
    beside = slide["images_left_out"]
    removed = f"{slide['fields_removed']:,} field{'' if slide['fields_removed'] == 1 else 's'}"
    removed += f"<small>{beside} image{'' if beside == 1 else 's'} beside</small>" if beside else ""
    return (
        f'<tr><td class="picture">{_picture(picture)}</td>'
        f"<td><code>{escape(slide['image'])}</code>"
        f'<small><span class="mark {colour}">{state}</span> {escape(kind)}</small></td>'
        f'<td class="size">{slide["columns"]:,} × {slide["rows"]:,}'
        f"<small>{levels} level{'' if levels == 1 else 's'}, {_size(slide['bytes'])}</small></td>"
        f'<td class="number" data-name="tiles">{tiles}</td>'
        f'<td class="number" data-name="removed">{removed}</td>'
        f"<td>{_proof(slide)}</td></tr>"
    )


def _picture(picture: bytes | None) -> str:
    if picture is None:
        return "<span></span>"
    data = base64.b64encode(picture).decode("ascii")
    return f'<img alt="" loading="lazy" src="data:image/jpeg;base64,{data}">'


def _proof(slide: Told) -> str:
    equal = (
        "pixels equal"
        if slide["largest_difference"] == 0
        else f"pixels alike, ±{slide['mean_difference']:.2f} of 255"
    )
    root = escape(slide["pixels_root"])
    return (
        f"{equal}, nothing identifying found"
        f'<small>root <code title="Merkle root of all pixels: {root}">{root[:16]}…</code></small>'
    )


def _foot(told: Told) -> str:
    return (
        f"<footer><p>{escape(told['software'])}, rules <code>{escape(told['rules'][:16])}…</code>. "
        "Each folder has a report.json with all that was kept and removed; <code>conversion.json"
        "</code> beside this page says the same as this page, for programs.</p>"
        "<p>To check a slide again: <code>bigpicture slide verify FOLDER</code>, with "
        "<code>--against SOURCE</code> tile by tile.</p></footer>"
    )


def _share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    if part in {0, whole}:
        return f"{100 * part // whole} %"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f} %"


def _size(count: int) -> str:
    amount, units = float(count), ["bytes", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    return f"{amount:,.0f} {units[0]}" if units[0] == "bytes" else f"{amount:.3g} {units[0]}"
