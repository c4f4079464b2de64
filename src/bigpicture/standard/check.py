"""Check a submission against the standard: everything at once, in the order of its files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from bigpicture.model.finding import Finding, Severity
from bigpicture.model.place import Place
from bigpicture.model.study import Study
from bigpicture.standard.anonymity import check_anonymity
from bigpicture.standard.attributes import check_attributes
from bigpicture.standard.companions.check import check_companions
from bigpicture.standard.datacite import check_datacite_record
from bigpicture.standard.files import Files, check_files
from bigpicture.standard.graph import check_graph
from bigpicture.standard.landing import check_landing_page
from bigpicture.standard.people.conceal import Concealer
from bigpicture.standard.people.judge import judge
from bigpicture.standard.rules import KNOWN_TAGS
from bigpicture.standard.site_terms import NO_TERMS, SiteTerms
from bigpicture.standard.terms import check_terms

EXAMPLES = 20
"""Findings of one rule and wording that are shown for one file; the rest are counted."""


def check(
    study: Study,
    files: Files | None = None,
    companions: Mapping[str, Path] | None = None,
    *,
    terms: SiteTerms = NO_TERMS,
    also: Iterable[Finding] = (),
) -> list[Finding]:
    """Return every finding, errors and warnings, sorted by file and line.

    `files` maps each path of the dataset folder to its size and SHA-256; without it the folder is
    not compared. `companions` gives the local file of each path below COMPANIONS. `terms` are a
    site's own codes, which count beside the standard's. `also` are findings that were made
    elsewhere, of the slides themselves. A rule that breaks in the same way more than `EXAMPLES`
    times in one file ends in one finding that counts the others, so that a dataset of a million
    files stays readable.

    What looks as if it told who somebody is stands masked in every finding, whatever rule made it:
    this is the one place through which findings reach a report.
    """
    people = judge(study, known_tags=KNOWN_TAGS)
    found = [
        *study.findings,
        *check_graph(study),
        *check_terms(study),
        *check_attributes(study, terms),
        *check_landing_page(study),
        *check_datacite_record(study),
        *people.findings,
        *check_anonymity(study),
        *(check_files(study, files) if files is not None else ()),
        *(check_companions(study, companions) if companions else ()),
        *also,
    ]
    concealer = Concealer(people.stretches)
    told = [concealer.conceal(each) for each in bounded(found)]
    return sorted(told, key=lambda finding: (finding.place, _natural(finding.rule)))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether the submission cannot be accepted."""
    return any(finding.severity == Severity.ERROR for finding in findings)


def _natural(rule: str) -> list[tuple[int, str]]:
    """Sort 6.2.9 before 6.2.10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in rule.split(".")]


def bounded(findings: Iterable[Finding]) -> list[Finding]:
    """The first `EXAMPLES` of each kind, the others counted."""
    kept: list[Finding] = []
    counts: Counter[tuple[str, str, str, str]] = Counter()
    last: defaultdict[tuple[str, str, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        kind = finding.entity.split(" ")[0] if finding.entity else ""
        folder = finding.place.file if finding.place.line else finding.place.file.split("/")[0]
        key = (finding.rule, finding.severity, folder, f"{kind} {finding.remedy}")
        counts[key] += 1
        if counts[key] <= EXAMPLES:
            kept.append(finding)
        last[key][:] = [finding]
    for key, count in counts.items():
        if count > EXAMPLES:
            [finding] = last[key]
            kept.append(
                replace(
                    finding,
                    place=Place(key[2]),
                    what=f"and {count - EXAMPLES} more like: {finding.what}",
                    entity="",
                )
            )
    return kept
