"""The page that a data-protection officer reads and signs: ten answers, then all they rest on."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from bigpicture.deidentify.report import LeftOut, Looked
from bigpicture.submission.describe import FORMAT_NAMES
from bigpicture.submission.folder_review import (
    REVIEW_NAME,
    FieldTotal,
    FormatTotal,
    Review,
    Reviewed,
)
from bigpicture.submission.page import document, size

_ACTIONS = {
    "pseudonym": ("care", "became a pseudonym"),
    "date": ("care", "date removed or shifted"),
    "drop": ("bad", "removed"),
    "given": ("bad", "removed; the metadata say it"),
}
_UNTELLING = ("number", "text")
_PLACES = 2
_STYLE = """<style>
ol.answers { padding-left: 1.4rem; display: grid; gap: .9rem; max-width: 52rem; }
ol.answers b { display: block; } ol.answers p { color: var(--soft); }
.look { display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 1rem; }
.look figure { margin: 0; background: var(--raised); border: 1px solid var(--line);
  border-radius: 10px; padding: .7rem; }
.look img { width: 100%; height: 200px; object-fit: contain; background: var(--stage);
  border-radius: 6px; display: block; }
.look figcaption { margin-top: .5rem; font-size: .88rem; color: var(--soft); }
details { margin-bottom: .8rem; } summary { cursor: pointer; font-weight: 600; padding: .4rem 0; }
.sign { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1.6rem;
  margin-top: 1rem; } .sign div { border-bottom: 1px solid var(--ink); height: 3.4rem;
  display: flex; align-items: flex-start; color: var(--soft); font-size: .86rem; }
.verdict { margin-top: 1rem; font-size: 1.05rem; }
td.name { overflow-wrap: anywhere; min-width: 11rem; } .mark { white-space: normal; }
main table { font-size: .92rem; } main td { padding: .4rem .8rem; vertical-align: top; }
@media print { details > * { display: block; } .look img { height: 140px; } }
</style>"""


def draw_review(review: Review, pictures: Mapping[str, bytes]) -> str:
    """The page as HTML. `pictures` are JPEGs by the slide's folder, marks covered."""
    parts = [
        _STYLE,
        _head(review),
        _answers(review),
        _looked(review, pictures),
        *(_format(each) for each in review.formats),
        _slides(review),
        _signature(review),
    ]
    return document(_title(review), parts)


def _title(review: Review) -> str:
    return f"De-identification of {_count(len(review.slides), 'slide')}"


def _head(review: Review) -> str:
    actions = Counter[str]()
    for kind in review.formats:
        for each in kind.fields:
            actions[each.action] += each.count
    removed = sum(actions.values()) - actions["keep"]
    beside = sum(len(each.report.left_out) for each in review.slides)
    searched = sum(each.report.scan.bytes for each in review.slides)
    sums = [
        ("slides", f"{len(review.slides):,}"),
        ("fields removed or replaced", f"{removed:,}"),
        ("fields that stayed", f"{actions['keep']:,}"),
        ("images left behind", f"{beside:,}"),
        ("searched", size(searched)),
        ("to look at", f"{len(review.to_look_at):,}"),
    ]
    boxes = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in sums)
    colour, words = _verdict(review)
    return (
        f'<h1>{escape(_title(review))}</h1>\n<p class="lead">Slides go by their pseudonyms. No '
        "value of a source stands in this page: only its kind, its place and its shape.</p>\n"
        f'<dl class="sums">{boxes}</dl>\n'
        f'<p class="verdict"><span class="mark {colour}">{words[0]}</span> {words[1]}</p>'
    )


def _verdict(review: Review) -> tuple[str, tuple[str, str]]:
    if not review.is_sound:
        return "bad", ("do not sign", "Files are not those of the reports; see the slides below.")
    if review.to_look_at:
        return "care", (
            "look first",
            "The detector saw what may be writing on the glass; the pictures are below.",
        )
    return "good", ("nothing open", "All checks passed and the detector saw nothing.")


def _answers(review: Review) -> str:
    items = "\n".join(
        f"<li><b>{escape(question)}</b><p>{escape(answer)}</p></li>"
        for question, answer in answers(review)
    )
    return f'<h2>Ten questions</h2>\n<ol class="answers">{items}</ol>'


def answers(review: Review) -> Iterator[tuple[str, str]]:
    """The first ten questions of a data-protection officer, and what the reports answer."""
    slides = review.slides
    yield "Is this everything, and is it what was checked?", _complete(review)
    yield "What in the sources could identify someone?", _identifying(slides)
    yield "What stayed, and why?", _stayed(slides)
    yield "What happens to a field that nobody foresaw?", _foreseen(review)
    yield "What became of labels and pictures of the whole glass?", _beside(slides)
    yield "Is anything written on the glass or the tissue?", _written(review)
    yield "How is it known that nothing slipped through?", _scanned(slides)
    yield "What became of dates?", _dates(slides)
    yield "Who can lead a pseudonym back to a person?", _who(slides)
    yield "Can I check all this without trusting the program?", _checked(slides)


def _complete(review: Review) -> str:
    slides = review.slides
    files = sum(len(each.report.written) for each in slides)
    bad = [each for each in slides if each.problem]
    told = f"{_count(len(slides), 'slide')} in {_count(files, 'file')}; "
    if bad or review.strangers:
        strange = _count(len(review.strangers), "file")
        return (
            f"{told}{_count(len(bad), 'slide')} changed since, and {strange} that no report names. "
            "Do not sign."
        )
    return f"{told}each has the digest that its report tells, and no other image lies among them."


def _identifying(slides: Sequence[Reviewed]) -> str:
    kinds = Counter[str]()
    for each in slides:
        for judged in each.report.fields:
            if judged.action != "keep" and judged.kind:
                kinds[judged.kind] += judged.count
    other = sum(kinds.pop(kind, 0) for kind in _UNTELLING)
    told = ", ".join(_count(count, kind) for kind, count in kinds.most_common())
    return (
        f"By kind: {told or 'nothing'}; and {other:,} other texts and numbers that no rule lets "
        "stay. Which fields these were, and where, is listed by format."
    )


def _stayed(slides: Sequence[Reviewed]) -> str:
    kept = {one.name for each in slides for one in each.report.fields if one.action == "keep"}
    return (
        f"{_count(len(kept), 'field')} of the scanners, each with its reason below: geometry, "
        "optics, the model of the device. Everything else in the files was written anew from the "
        "contributor's metadata, under pseudonyms."
    )


def _foreseen(review: Review) -> str:
    names = sum(len(kind.fields) for kind in review.formats)
    return (
        "It stops its slide. Only what a rule names passes, so every field here was judged: "
        f"{names:,} names, none without a rule."
    )


def _who(slides: Sequence[Reviewed]) -> str:
    sites = ", ".join(sorted({each.report.site for each in slides}))
    return (
        f"Whoever holds the site's secret key (fingerprint {sites}), and nobody else. It is not in "
        "these files. As long as it exists, these are personal data for the site (GDPR, recital "
        "26); and tissue itself may be recognised by whoever has the same slide."
    )


def _checked(slides: Sequence[Reviewed]) -> str:
    largest = max((each.report.gate.largest_difference for each in slides), default=0)
    copied = sum(each.report.frames_copied for each in slides)
    return (
        "Every report is signed and lies beside its slide: `bigpicture slide verify FOLDER` checks "
        "signature and digests, `bigpicture deidentify audit FOLDER` judges the files alone, "
        f"whoever made them. {copied:,} tiles were copied unchanged; OpenSlide or a second reader "
        f"saw a largest difference of {largest} of 255."
    )


def _beside(slides: Sequence[Reviewed]) -> str:
    left = Counter((each.flavour.lower(), each.reason) for each in _left_out(slides))
    kept = sum(len(each.report.beside) for each in slides)
    told = "; ".join(
        f"{_count(count, flavour)} left behind ({reason or 'never carried over'})"
        for (flavour, reason), count in sorted(left.items())
    )
    stayed = (
        f"{_count(kept, 'overview')} stayed, drawn anew, in which the detector found nothing"
        if kept
        else "none stayed"
    )
    return f"{told or 'There were none'}; {stayed}."


def _left_out(slides: Sequence[Reviewed]) -> Iterator[LeftOut]:
    for each in slides:
        yield from each.report.left_out


def _written(review: Review) -> str:
    looked = [each for each in review.slides if each.report.looked]
    seen = review.to_look_at
    told = f"A detector of writing, labels and codes looked at {len(looked):,} of "
    told += f"{len(review.slides):,} slides, each as a whole"
    if seen:
        return f"{told}, and saw something in {len(seen):,}. A person must look: see below."
    return f"{told}, and saw nothing. It finds most writing, not all; see its measured rates."


def _scanned(slides: Sequence[Reviewed]) -> str:
    strings = sum(each.report.scan.strings for each in slides)
    codings = max((len(each.report.scan.encodings) for each in slides), default=0)
    amount = size(sum(each.report.scan.bytes for each in slides))
    found = sum(each.report.scan.findings for each in slides)
    return (
        f"{strings:,} identifying strings of the sources, their names included, were searched in "
        f"every byte that was written ({amount}), in {codings} codings each: {found:,} found. Then "
        "every file was judged again by the allow-list, as a stranger's file is."
    )


def _dates(slides: Sequence[Reviewed]) -> str:
    shifted = sum("The date is shifted." in each.report.remarks for each in slides)
    if not shifted:
        return "All were removed; 1970-01-01 stands where DICOM asks for one."
    return (
        f"In {_count(shifted, 'slide')} they are shifted, by the same number of days for all "
        f"slides of one person; in {len(slides) - shifted:,} they were removed."
    )


def _looked(review: Review, pictures: Mapping[str, bytes]) -> str:
    if not review.to_look_at:
        return ""
    figures = "".join(
        _figure(slide, looked, pictures.get(slide.folder, b""))
        for slide, looked in review.to_look_at
    )
    return (
        "<h2>To look at</h2>\n<p>What may be writing, a label or a code is covered here. To see "
        f'it, open the slide itself.</p>\n<div class="look">{figures}</div>'
    )


def _figure(slide: Reviewed, looked: Looked, picture: bytes) -> str:
    kinds = Counter(each.kind for each in looked.marks)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    data = base64.b64encode(picture).decode("ascii")
    name = escape(slide.report.image)
    image = f'<img alt="{name}, marks covered" src="data:image/jpeg;base64,{data}">' * bool(picture)
    return (
        f"<figure>{image}<figcaption><code>{name}</code><br>"
        f"{escape(told)} in {escape(looked.name)}</figcaption></figure>"
    )


def _format(kind: FormatTotal) -> str:
    name = FORMAT_NAMES.get(kind.format, kind.format)
    groups = [
        ("What stayed", [each for each in kind.fields if each.action == "keep"], True),
        ("What was removed or replaced", [e for e in kind.fields if e.action != "keep"], False),
    ]
    tables = "".join(_group(title, fields, is_kept) for title, fields, is_kept in groups)
    return f"<h2>{escape(name)}: {_count(kind.slides, 'slide')}</h2>\n{tables}"


def _group(title: str, fields: Sequence[FieldTotal], is_kept: bool) -> str:
    if not fields:
        return f"<p>{title}: nothing.</p>"
    removed = () if is_kept else ("what happened", "kind", "shape")
    head = "".join(
        f"<th{' class=number' if name in {'slides', 'fields'} else ''}>{name}</th>"
        for name in ("field", "why", *removed, "slides", "fields", "first places")
    )
    rows = "".join(_row(each, is_kept=is_kept) for each in fields)
    return (
        f"<details{' open' * is_kept}><summary>{title} ({_count(len(fields), 'field')})</summary>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def _row(each: FieldTotal, *, is_kept: bool) -> str:
    places = ", ".join(escape(place) for place in each.places[:_PLACES] if place)
    return (
        f'<tr><td class="name"><code>{escape(each.name)}</code></td>'
        f'<td data-name="why">{escape(each.reason)}</td>'
        f"{'' if is_kept else _gone(each)}"
        f'<td class="number" data-name="slides">{each.slides:,}</td>'
        f'<td class="number" data-name="fields">{each.count:,}</td>'
        f'<td data-name="places"><small>{places}</small></td></tr>'
    )


def _gone(each: FieldTotal) -> str:
    """What happened to it, what sort of value it was, and its shape."""
    colour, words = _ACTIONS.get(each.action, ("care", each.action))
    shapes = "<br>".join(escape(shape) for shape in each.masked)
    return (
        f'<td data-name="what happened"><span class="mark {colour}">{words}</span></td>'
        f'<td data-name="kind">{escape(each.kind)}</td>'
        f'<td data-name="shape"><code>{shapes}</code></td>'
    )


def _slides(review: Review) -> str:
    rows = "".join(_slide(each) for each in review.slides)
    strangers = "".join(f"<li><code>{escape(each)}</code></li>" for each in review.strangers)
    more = f"<h2>Files that no report names</h2>\n<ul>{strangers}</ul>" if strangers else ""
    head = "<th>slide</th><th>files</th><th>left behind</th><th>remarks</th>"
    return (
        "<h2>Slides</h2>\n<table><thead><tr>"
        f"{head}</tr></thead><tbody>{rows}</tbody></table>\n{more}"
    )


def _slide(each: Reviewed) -> str:
    report = each.report
    state = '<span class="mark good">sound</span>'
    if each.problem:
        state = f'<span class="mark bad">changed</span> {escape(each.problem)}'
    left = "<br>".join(
        f"{escape(one.flavour.lower())}: {escape(one.reason)}" for one in report.left_out
    )
    remarks = "<br>".join(escape(one) for one in report.remarks)
    return (
        f"<tr><td><code>{escape(report.image)}</code><small>{state}</small></td>"
        f'<td data-name="files">{len(report.written)}</td>'
        f'<td data-name="left behind"><small>{left}</small></td>'
        f'<td data-name="remarks"><small>{remarks}</small></td></tr>'
    )


def _signature(review: Review) -> str:
    lines = "".join(
        f"<div>{line}</div>" for line in ("Name and role", "Place and date", "Signature")
    )
    return (
        "<h2>Signature</h2>\n<p>I have read this report and looked at the slides that it asks to "
        f"look at. It stands for {REVIEW_NAME} beside it, whose SHA-256 is "
        f'<code>{review.digest}</code>.</p>\n<div class="sign">{lines}</div>'
    )


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
