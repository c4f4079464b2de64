"""Observations of a study as exchange XML: each statement once, on case or slide."""

from __future__ import annotations

from bigpicture.metaflex.build import code_attribute, entity, reference, statement, string_attribute
from bigpicture.metaflex.tree import Element
from bigpicture.model.entity import EntityKind
from bigpicture.phantom.study import PlannedSlide, Study


def _observed(study: Study) -> dict[str, tuple[str, str, PlannedSlide]]:
    """Alias of each observation to (tag, alias of what is observed, a slide with the statement)."""
    found: dict[str, tuple[str, str, PlannedSlide]] = {}
    for slide in study.slides:
        on_case = slide.statement.on_case
        observed = slide.specimen.case if on_case else slide.alias
        found[f"{observed}-observation"] = "CASE_REF" if on_case else "SLIDE_REF", observed, slide
    return found


def observation_aliases(study: Study) -> list[str]:
    return list(_observed(study))


def observations(study: Study) -> list[Element]:
    made: list[Element] = []
    for alias, (tag, observed, slide) in _observed(study).items():
        said = slide.statement
        parts = [
            reference(tag, observed),
            reference("OBSERVER_REF", study.observer),
            statement(
                said.kind,
                said.status,
                freetext=said.words,
                codes=[code_attribute(name, code) for name, code in said.codes],
                custom=[string_attribute(name, value) for name, value in said.custom],
            ),
        ]
        made.append(entity(EntityKind.OBSERVATION, alias, parts))
    return made
