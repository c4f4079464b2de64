"""Findings as SARIF 2.1.0, which code hosts and editors show beside the line.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from bigpicture import __version__
from bigpicture.model.finding import Finding, Severity
from bigpicture.standard.explain import asks_for

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Mapping[Severity, str] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.REPAIRED: "note",
}
_ROOT = "DATASET"
"""Names the dataset's folder; where it lies is the reader's to say."""


def as_sarif(findings: Sequence[Finding]) -> str:
    """The findings as one run; places are relative to the dataset's folder."""
    rules = list(dict.fromkeys(each.rule for each in findings))
    run = {
        "tool": {
            "driver": {
                "name": "bigpicture validate",
                "semanticVersion": __version__,
                "rules": [
                    {"id": rule, "shortDescription": {"text": asks_for(rule) or rule}}
                    for rule in rules
                ],
            }
        },
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The dataset's folder."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, rules.index(each.rule)) for each in findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _result(finding: Finding, rule: int) -> dict[str, object]:
    place: dict[str, object] = {
        "artifactLocation": {"uri": quote(finding.place.file), "uriBaseId": _ROOT}
    }
    if finding.place.line:
        place["region"] = {"startLine": finding.place.line}
    located: dict[str, object] = {"physicalLocation": place}
    if finding.entity:
        located["logicalLocations"] = [{"name": finding.entity, "kind": "object"}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": _sentence(finding)},
        "locations": [located],
    }


def _sentence(finding: Finding) -> str:
    entity = f"{finding.entity}: " if finding.entity else ""
    expected = f" Expected: {finding.expected}." if finding.expected else ""
    return f"{entity}{finding.what}{expected} {finding.remedy}".strip()
