"""The guidelines over HTTP: as data, to everybody."""

from __future__ import annotations

import pytest


def test_they_are_listed_with_their_sections_and_templates(client):
    shown = client.get("/api/v1/guidelines").json()
    assert [each["name"] for each in shown["items"]] == [
        "contributors",
        "committees",
        "researchers",
        "stewards",
    ]
    assert all(each["title"] and each["sections"] for each in shown["items"])
    for each in shown["templates"]:
        answer = client.get(each["address"])
        assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
        assert answer.text.startswith(f"# {each['title']}\n")


def test_a_statement_comes_with_its_mark_and_its_sources(client):
    shown = client.get("/api/v1/guidelines/stewards").json()
    [section] = [each for each in shown["sections"] if each["name"] == "incidents-and-breaches"]
    first = section["statements"][0]
    assert (first["mark"], first["is_checked"]) == ("law", True)
    assert [each["cited"] for each in first["sources"]] == ["GDPR, Art. 33(2)"]
    assert "Regulation (EU) 2016/679" in first["sources"][0]["about"]


@pytest.mark.parametrize(
    "path", ["nobody", "README", "sources", "templates/nobody", "..%2Fpolicies", "contributors.md"]
)
def test_another_page_is_not_there(client, path):
    assert client.get(f"/api/v1/guidelines/{path}").status_code == 404
