"""Guidelines: what law, standards and we say at each step, as data; open to all."""

from __future__ import annotations

from typing import Self

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from bigpicture.api import guideline_files
from bigpicture.model.guideline import Guideline, Mark, Section, Statement, source_of

router = APIRouter(prefix="/api/v1/guidelines", tags=["guidelines"])


class SectionNamed(BaseModel):
    name: str
    heading: str


class GuidelineCard(BaseModel):
    name: str
    title: str
    sections: list[SectionNamed]


class TemplateCard(BaseModel):
    name: str
    title: str
    address: str = Field(description="where its Markdown is")


class GuidelinesShown(BaseModel):
    items: list[GuidelineCard]
    templates: list[TemplateCard]
    sources: dict[str, str] = Field(description="short name to what it is")


class SourceCited(BaseModel):
    cited: str = Field(description="with the place, such as GDPR, Art. 33(2)")
    about: str = Field(description="what the short name stands for")

    @classmethod
    def of(cls, cited: str) -> Self:
        return cls(cited=cited, about=guideline_files.sources()[source_of(cited)])


class StatementShown(BaseModel):
    mark: Mark
    text: str
    sources: list[SourceCited]
    is_checked: bool = Field(description="false: stated from knowledge, compare it with the text")

    @classmethod
    def of(cls, statement: Statement) -> Self:
        return cls(
            mark=statement.mark,
            text=statement.text,
            sources=[SourceCited.of(each) for each in statement.sources],
            is_checked=statement.is_checked,
        )


class SectionShown(SectionNamed):
    intro: list[str]
    statements: list[StatementShown]

    @classmethod
    def of(cls, section: Section) -> Self:
        return cls(
            name=section.name,
            heading=section.heading,
            intro=list(section.intro),
            statements=[StatementShown.of(each) for each in section.statements],
        )


class GuidelineShown(BaseModel):
    name: str
    title: str
    intro: list[str]
    sections: list[SectionShown]

    @classmethod
    def of(cls, guideline: Guideline) -> Self:
        return cls(
            name=guideline.name,
            title=guideline.title,
            intro=list(guideline.intro),
            sections=[SectionShown.of(each) for each in guideline.sections],
        )


@router.get("")
def guidelines() -> GuidelinesShown:
    """List the guidelines with their sections, the templates, and what the sources are."""
    return GuidelinesShown(
        items=[_card(each) for each in guideline_files.guidelines()],
        templates=[_template(name) for name in guideline_files.TEMPLATES],
        sources=guideline_files.sources(),
    )


@router.get("/{name}")
def guideline(name: str) -> GuidelineShown:
    """Show a guideline: its sections, each statement with its mark and its sources."""
    return GuidelineShown.of(guideline_files.guideline(name))


@router.get(
    "/templates/{name}",
    response_class=Response,
    responses={200: {"content": {"text/markdown": {}}}},
)
def template(name: str) -> Response:
    """Give a template as Markdown."""
    return Response(
        guideline_files.template(name),
        media_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'inline; filename="{name}.md"'},
    )


def _card(guideline: Guideline) -> GuidelineCard:
    return GuidelineCard(
        name=guideline.name,
        title=guideline.title,
        sections=[
            SectionNamed(name=each.name, heading=each.heading) for each in guideline.sections
        ],
    )


def _template(name: str) -> TemplateCard:
    title = guideline_files.template(name).splitlines()[0].removeprefix("# ")
    return TemplateCard(name=name, title=title, address=f"/api/v1/guidelines/templates/{name}")
