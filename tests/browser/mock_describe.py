"""The doors of describing a dataset at the mock node: what is judged is judged by the program."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from bigpicture.preparation.form import form
from bigpicture.preparation.grid import read_grid
from bigpicture.preparation.judge import judge
from bigpicture.preparation.sheet import Decision, Sheet
from bigpicture.preparation.template import template
from bigpicture.standard.rule import Audience

FORMS = {"clinical": Audience.CLINICAL, "non-clinical": Audience.NON_CLINICAL}


class Describing:
    """Part of the mock's door; `self` is that."""

    def get_form(self: Any) -> None:
        self.json(asdict(form(FORMS[self.query["audience"]])) | {"most_rows": 10_000})

    def get_template(self: Any) -> None:
        self.give(template(), "application/octet-stream")

    def post_read(self: Any) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.world.intake != "identified":
            return self.problem(403, "This node takes no identified data.")
        read = read_grid(data, self.query["name"])
        findings = [
            {
                "severity": each.severity.value,
                "what": each.what,
                "expected": each.expected,
                "remedy": each.remedy,
                "cells": [cell.address for cell in each.cells],
            }
            for each in read.findings
        ]
        return self.json(
            {
                "columns": read.sheet.columns,
                "rows": read.sheet.rows,
                "fields": read.sheet.fields,
                "findings": findings,
            }
        )

    def post_check(self: Any) -> None:
        given = self.body()
        self.world.checked.append(given)
        mapping = [Decision(**each) for each in given["mapping"]]
        judged = judge(
            Sheet(given["columns"], given["rows"], given["fields"], mapping),
            given["slides"],
            audience=FORMS[given["audience"]],
        )
        self.json(asdict(judged) | {"can_be_made": judged.can_be_made})

    def post_dataset(self: Any) -> None:
        given = self.body()
        self.world.described.append(given)
        self.json(
            {
                "alias": "colon-1",
                "title": "Colons",
                "documents": [{"path": "METADATA/image.xml", "text": "<ä/>"}],
                "images": [
                    {"file": each["file"], "path": f"IMAGES/IMAGE_{n}/slide.svs"}
                    for n, each in enumerate(given["slides"])
                ],
                "keys": "local,kind,alias\n",
            }
        )

    def post_submission(self: Any) -> None:
        self.world.announced = self.body()
        self.json({"accession": "bb-submission-live22-aaaaaa"}, 201)

    def get_files(self: Any, _: str) -> None:
        items = [
            {**each, "received": 0, "upload": f"/api/v1/uploads/{n}", "state": "expected"}
            for n, each in enumerate(self.world.announced["files"])
        ]
        self.page(items)

    def head_upload(self: Any, upload: str) -> None:
        held = self.world.uploads.get(upload, b"")
        self.give(b"", "text/plain", Upload_Offset=str(len(held)))

    def patch_upload(self: Any, upload: str) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        held = self.world.uploads.get(upload, b"")
        self.world.pieces += 1
        if self.world.pieces == 2:  # half of it arrives, and the node is away for a moment
            self.world.uploads[upload] = held + data[: len(data) // 2]
            return self.problem(503, "Not now.")
        assert int(self.headers["Upload-Offset"]) == len(held)
        self.world.uploads[upload] = held + data
        return self.give(b"", "text/plain", 204, Upload_Offset=str(len(held) + len(data)))

    def get_drafts(self: Any) -> None:
        cards = [
            {"id": name, "title": body["title"], "changed": "2026-11-30T09:00:00Z", "etag": etag}
            for name, (etag, body) in self.world.drafts.items()
        ]
        self.json({"items": cards, "next": None})

    def get_draft(self: Any, draft: str) -> None:
        found = self.world.drafts.get(draft)
        if not found:
            return self.problem(404, "You have no such draft.")
        return self.give(json.dumps(found[1]).encode(), "application/json", ETag=found[0])

    def put_draft(self: Any, draft: str) -> None:
        given = self.body()
        if self.world.intake != "identified":
            return self.problem(403, "This node takes no identified data.")
        held = self.world.drafts.get(draft)
        if held and held[0] != self.headers.get("If-Match"):
            return self.problem(409, "The draft was changed elsewhere meanwhile.")
        self.world.saves += 1
        etag = f'"{self.world.saves}"'
        self.world.drafts[draft] = (etag, given)
        return self.json(
            {"id": draft, "title": given["title"], "changed": "", "etag": etag}, ETag=etag
        )

    def delete_draft(self: Any, draft: str) -> None:
        self.world.drafts.pop(draft, None)
        self.give(b"", "text/plain", 204)


ROUTES = [
    ("GET", "/api/v1/preparations/form", "get_form"),
    ("GET", "/api/v1/preparations/template", "get_template"),
    ("POST", "/api/v1/preparations/read", "post_read"),
    ("POST", "/api/v1/preparations/check", "post_check"),
    ("POST", "/api/v1/preparations/dataset", "post_dataset"),
    ("POST", "/api/v1/submissions", "post_submission"),
    ("GET", "/api/v1/submissions/{accession}/files", "get_files"),
    ("HEAD", "/api/v1/uploads/{id}", "head_upload"),
    ("PATCH", "/api/v1/uploads/{id}", "patch_upload"),
    ("GET", "/api/v1/preparations/drafts", "get_drafts"),
    ("GET", "/api/v1/preparations/drafts/{id}", "get_draft"),
    ("PUT", "/api/v1/preparations/drafts/{id}", "put_draft"),
    ("DELETE", "/api/v1/preparations/drafts/{id}", "delete_draft"),
]
