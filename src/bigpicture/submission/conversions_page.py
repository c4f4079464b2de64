"""The page that shows a folder's conversions to a person: one file, no script, nothing fetched."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bigpicture.submission.describe import FORMAT_NAMES
from bigpicture.submission.page import document, share, size

Told = Mapping[str, Any]
"""The record as it is written for programs."""

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
    return document(_title(told), parts)


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
        ("of DICOM", size(sum(each["bytes"] for each in kept))),
        ("tiles copied as they were", share(copied, copied + encoded)),
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
        f"<small>{levels} level{'' if levels == 1 else 's'}, {size(slide['bytes'])}</small></td>"
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
