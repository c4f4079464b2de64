"""The guidelines: no statement without a mark and a source, and what the portal embeds exists."""

from __future__ import annotations

import re
import tomllib

import pytest

from bigpicture.api import guideline_files
from bigpicture.model.errors import InputError, UnknownError
from bigpicture.model.guideline import Mark, read_guideline, read_sources, source_of
from places import REPOSITORY

FOLDER = REPOSITORY / "docs/guidelines"
PAGES = sorted(set(FOLDER.glob("*.md")) - {FOLDER / "README.md", FOLDER / "sources.md"})
EMBEDDED = re.compile(r"<GuideNote name=\"([a-z]+)\" section=\"([a-z-]+)\"")
STEPS = re.compile(r"guide: \"([a-z]+)\", section: \"([a-z-]+)\"")
TOPICS = {
    "contributors": [
        *("lawful-basis", "consent", "what-pseudonymous-means-for-slides", "animal-studies"),
        *("european-health-data-space", "transfers-outside-the-eea", "impact-assessment"),
        *("retention-and-withdrawal", "incidents", "use-by-artificial-intelligence"),
    ],
    "committees": ["members-outside-the-eea", "permits-of-health-data-access-bodies"],
    "researchers": ["what-you-must-not-do", "incidents", "working-from-outside-the-eea"],
    "stewards": ["incidents-and-breaches", "requests-of-people", "retention"],
}
GOOD = "# T\n\n## S\n\n- **Law.** It holds.\n  Really. *(GDPR, Art. 1; Taipei)*\n"


def read(page):
    return read_guideline(page.stem, page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_statement_has_a_mark_and_known_sources(page):
    known = read_sources((FOLDER / "sources.md").read_text(encoding="utf-8"))
    guideline = read(page)
    assert guideline.title
    assert all(each.statements for each in guideline.sections)
    for statement in (one for each in guideline.sections for one in each.statements):
        assert {source_of(each) for each in statement.sources} <= set(known), statement
        assert "*" not in statement.text
        if statement.mark is Mark.LAW:
            assert re.search(r"Art\.|recital|Clause|SRB|Schrems", " ".join(statement.sources)), (
                f"a law without its article: {statement}"
            )


def test_no_list_hides_from_the_reader():
    """Lines that begin with another sign of a list, or a number, would not be statements."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"^\s*(?:[*+]|\d+[.)]) ", text, re.MULTILINE), page
        items = len(re.findall(r"^- ", text, re.MULTILINE))
        assert items == sum(len(each.statements) for each in read(page).sections)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- It holds. *(GDPR, Art. 1)*", "mark or no source"),
        ("- **Law.** It holds.", "mark or no source"),
        ("- **Rumour.** It holds. *(GDPR, Art. 1)*", "mark or no source"),
        ("- **Law.** It holds. *(not checked against the text)*", "no source"),
    ],
)
def test_an_item_without_mark_or_source_is_refused_with_its_line(text, what):
    with pytest.raises(InputError, match=what) as refused:
        read_guideline("page", f"# T\n\n## S\n\n{text}\n")
    assert "line 5" in str(refused.value)


def test_a_statement_is_read_whole():
    [section] = read_guideline("page", GOOD).sections
    [statement] = section.statements
    assert (section.name, statement.mark) == ("s", Mark.LAW)
    assert statement.text == "It holds. Really."
    assert statement.sources == ("GDPR, Art. 1", "Taipei")
    assert statement.is_checked


def test_every_topic_has_its_section():
    for name, wanted in TOPICS.items():
        there = {each.name for each in guideline_files.guideline(name).sections}
        assert set(wanted) <= there, name


def test_every_source_is_cited():
    cited = {
        source_of(source)
        for page in PAGES
        for section in read(page).sections
        for statement in section.statements
        for source in statement.sources
    }
    assert cited == set(guideline_files.sources())


def test_what_the_portal_embeds_is_there():
    there = {
        (each.name, section.name)
        for each in guideline_files.guidelines()
        for section in each.sections
    }
    texts = [
        path.read_text(encoding="utf-8")
        for kind in ("*.svelte", "*.ts")
        for path in (REPOSITORY / "web/src").rglob(kind)
    ]
    wanted = {found for text in texts for form in (EMBEDDED, STEPS) for found in form.findall(text)}
    assert wanted
    assert wanted <= there


def test_all_pages_are_served():
    assert {page.stem for page in PAGES} == set(guideline_files.NAMES)
    templates = {page.stem for page in (FOLDER / "templates").glob("*.md")}
    assert templates == set(guideline_files.TEMPLATES)
    with pytest.raises(UnknownError):
        guideline_files.template("../sources")


def test_the_wheel_carries_them_where_they_are_looked_for():
    """The build copies the folder into the package; without it, the repository's is read."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    copied = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert copied == {"docs/guidelines": f"bigpicture/api/{guideline_files.PACKAGED}"}
