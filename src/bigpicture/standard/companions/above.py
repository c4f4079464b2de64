"""Above: the beings that each entity of a study comes from."""

from __future__ import annotations

from collections.abc import Mapping

from bigpicture.model.companion import KEYED
from bigpicture.model.entity import Entity, EntityKey, EntityKind, references
from bigpicture.model.study import Study

_KINDS = frozenset(KEYED)


def beings_above(study: Study, kind: EntityKind) -> Mapping[str, tuple[str, ...]]:
    """Each alias of a kind with the aliases of its beings; several where tissue was put together.

    References that go in circles or lead nowhere count as none: the graph's own check tells them.
    """
    found: dict[EntityKey, tuple[str, ...]] = {}
    return {each.alias: _beings(study, each, found) for each in study.by_kind[kind]}


def _beings(
    study: Study, entity: Entity, found: dict[EntityKey, tuple[str, ...]]
) -> tuple[str, ...]:
    if entity.key in found:
        return found[entity.key]
    found[entity.key] = ()  # what refers to itself adds nothing
    if entity.kind is EntityKind.BEING:
        beings = {entity.alias: None}
    else:
        parents = (study.resolve(each) for each in references(entity) if each.kind in _KINDS)
        beings = dict.fromkeys(
            being for each in parents if each is not None for being in _beings(study, each, found)
        )
    found[entity.key] = tuple(beings)
    return found[entity.key]
