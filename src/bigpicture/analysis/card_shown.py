"""Show a model card as Markdown and as HTML: the same lines, every figure with what it is of."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from bigpicture.model.algorithm import RESEARCH_ONLY
from bigpicture.model.card import Card, Claim
from bigpicture.model.evidence import Evidence

NOT_EVALUATED = "not evaluated"
_HEADINGS = ("Question", "Figure", "Measured on", "Results")


def card_markdown(card: Card) -> str:
    """The card as Markdown (CommonMark with tables)."""
    lines = [f"# {plain(card.title)}", "", f"**{RESEARCH_ONLY}**", ""]
    lines += [f"- {plain(name)}: {plain(value)}" for name, value in card.facts]
    lines += ["", plain(card.about), ""] if card.about else [""]
    lines += ["| " + " | ".join(_HEADINGS) + " |", "|" + "---|" * len(_HEADINGS)]
    for row in _rows(card.claims):
        lines.append("| " + " | ".join(map(plain, row)) + " |")
    return "\n".join(lines) + "\n"


def card_html(card: Card) -> str:
    """The card as one HTML fragment, an `article`, without style or script."""
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in card.facts
    )
    heads = "".join(f'<th scope="col">{each}</th>' for each in _HEADINGS)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in _rows(card.claims)
    )
    about = f"<p>{escape(card.about)}</p>" if card.about else ""
    return (
        f'<article class="model-card"><h1>{escape(card.title)}</h1>'
        f"<p><strong>{escape(RESEARCH_ONLY)}</strong></p><dl>{facts}</dl>{about}"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></article>"
    )


def _rows(claims: Iterable[Claim]) -> Iterable[tuple[str, str, str, str]]:
    for claim in claims:
        if not claim.evidence:
            yield claim.question, NOT_EVALUATED, "", ""
        for each in claim.evidence:
            question = f"{claim.question}: {_group(each)}" if each.subgroup else claim.question
            yield question, figure(each), measured_on(each), ", ".join(each.results)


def _group(each: Evidence) -> str:
    value = each.subgroup.partition(": ")[2] or each.subgroup
    return f"{value} ({each.metric} of {each.output})"


def figure(evidence: Evidence) -> str:
    """Such as `0.953 (0.941 to 0.962; 95 %, patients drawn anew), generated`."""
    told = f"{evidence.value:.3f}"
    if evidence.low is not None and evidence.high is not None:
        told += f" ({evidence.low:.3f} to {evidence.high:.3f}; {evidence.method})"
    return f"{told}, generated" if evidence.is_generated else told


def measured_on(evidence: Evidence) -> str:
    """Such as `generated slides: suite 1 (12 images of 12 beings)`."""
    what = f"generated slides: {evidence.on}" if evidence.is_generated else evidence.on
    return f"{what} ({evidence.images:,} images of {evidence.beings:,} beings)"


def plain(text: str) -> str:
    """Text that Markdown takes for nothing else, on one line."""
    one_line = " ".join(text.split())
    return "".join(f"\\{each}" if each in "\\`*_[]<>|#!&" else each for each in one_line)
