"""k-anonymity: how many beings are alone, or nearly, by what a dataset states of them together.

A being that is the only one of its age, site, diagnosis and sex can be found by somebody who knows
so much of it (Sweeney 2002, doi:10.1142/S0218488502001648). Counted are beings, never slides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bigpicture.model.finding import Finding, Severity
from bigpicture.model.inheritance import BeingsOf
from bigpicture.model.observation import StatementType
from bigpicture.model.study import Study

K = 5
"""Beings that a class should have at least."""
RULE = "BP-k-anonymity"
_NAMED = 5
"""Beings that a finding names, so that somebody knows where to begin."""
_YEARS = re.compile(r"P(\d{1,3})Y")
_DECADE = 10


@dataclass(frozen=True, slots=True)
class Traits:
    """What is stated of one being; a set where its specimens or observations state several."""

    age: frozenset[str] = frozenset()
    site: frozenset[str] = frozenset()
    diagnosis: frozenset[str] = frozenset()
    sex: str = ""
    centre: str = ""


NAMES: Mapping[str, str] = {
    "age": "age",
    "site": "anatomical site",
    "diagnosis": "diagnosis",
    "sex": "sex",
    "centre": "centre",
}


@dataclass(frozen=True, slots=True)
class Classes:
    """How the beings fall into classes; `small` are in one of fewer than k, `alone` in one of 1."""

    beings: int
    small: tuple[str, ...]
    alone: tuple[str, ...]


def check_anonymity(study: Study, *, k: int = K) -> Iterator[Finding]:
    """Yield one warning where beings of a clinical dataset stand in classes of fewer than `k`.

    It says how many there are, by how many traits at once, and what coarsening would help. Of
    fewer than `k` beings nothing is said: no coarsening makes a class of them.
    """
    policy = study.terms[0].policy if study.terms else None
    if policy is None or not policy.dataset_type.is_clinical or len(study.beings) < k:
        return
    traits = traits_of(study)
    names = [name for name in NAMES if len({getattr(each, name) for each in traits.values()}) > 1]
    whole = classes(traits, names, k=k)
    if not whole.small:
        return
    yield Finding(
        RULE,
        Severity.WARNING,
        study.datasets[0].place if study.datasets else study.beings[0].place,
        f"{_beings(len(whole.small))} of {whole.beings} {_stand(len(whole.small))} in a group of "
        f"fewer than {k} by {_and(names)} together, {len(whole.alone)} of them alone"
        f"{_fewer_traits(traits, names, k)}.",
        f"groups of at least {k} beings",
        _remedy(traits, names, whole, k),
        entity=str(study.datasets[0]) if study.datasets else "",
    )


class _Stated:
    """What is stated of each being; what is stated of many is held once."""

    def __init__(self) -> None:
        self._of: dict[str, frozenset[str]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}

    def add(self, being: str, what: str) -> None:
        larger = self.of(being) | {what}
        self._of[being] = self._sets.setdefault(larger, larger)

    def of(self, being: str) -> frozenset[str]:
        return self._of.get(being, frozenset())


def traits_of(study: Study) -> dict[str, Traits]:
    """What is stated of each being, by alias.

    Its own sex, its specimens' ages and sites, and the coded diagnoses of whatever comes of it,
    confirmed or not.
    """
    beings_of = BeingsOf(study)
    ages, sites, diagnoses = _Stated(), _Stated(), _Stated()
    for specimen in study.specimens:
        for being in beings_of(specimen):
            if specimen.age_start:
                ages.add(being, f"{specimen.age_start}/{specimen.age_length or ''}")
            for each in specimen.sites:
                sites.add(being, f"{each.scheme} {each.code or each.meaning}")
    for observation in study.observations:
        if observation.on is None or observation.statement != StatementType.DIAGNOSIS:
            continue
        for being in beings_of(study.resolve(observation.on)):
            for each in observation.codes:
                what = f"{each.tag} {each.code.scheme} {each.code.code or each.code.meaning}"
                diagnoses.add(being, what)
    centre = study.landing_pages[0].center_name if len(study.landing_pages) == 1 else ""
    known: dict[Traits, Traits] = {}

    def once(traits: Traits) -> Traits:
        return known.setdefault(traits, traits)

    return {
        being.alias: once(
            Traits(
                age=ages.of(being.alias),
                site=sites.of(being.alias),
                diagnosis=diagnoses.of(being.alias),
                sex=being.sex or "",
                centre=centre or "",
            )
        )
        for being in study.beings
    }


def classes(traits: Mapping[str, Traits], names: Sequence[str], *, k: int = K) -> Classes:
    """Count how many beings share each combination of the named traits."""
    return _classes(list(traits), [_column(traits, name) for name in names], k)


def _classes(aliases: Sequence[str], columns: Sequence[Sequence[int]], k: int) -> Classes:
    picked = list(zip(*columns, strict=True)) if columns else [()] * len(aliases)
    sizes = Counter(picked)
    small = [at for at, key in enumerate(picked) if sizes[key] < k]
    return Classes(
        len(aliases),
        tuple(aliases[at] for at in small),
        tuple(aliases[at] for at in small if sizes[picked[at]] == 1),
    )


def _column(
    traits: Mapping[str, Traits], name: str, change: Callable[[Hashable], Hashable] | None = None
) -> list[int]:
    """One trait of all beings as numbers: equal values, equal numbers."""
    known: dict[Hashable, int] = {}
    values = (getattr(each, name) for each in traits.values())
    return [known.setdefault(change(each) if change else each, len(known)) for each in values]


def _fewer_traits(traits: Mapping[str, Traits], names: Sequence[str], k: int) -> str:
    """Of how many that is true by fewer traits, the most telling combination of each size."""
    aliases = list(traits)
    columns = {name: _column(traits, name) for name in names}
    told: list[str] = []
    for size in range(1, len(names)):
        by = {
            each: len(_classes(aliases, [columns[name] for name in each], k).small)
            for each in combinations(names, size)
        }
        worst = max(by, key=lambda each: by[each])
        if by[worst]:
            told.append(f"{by[worst]} by {_and(worst)}{' alone' if size == 1 else ''}")
    return f" ({'; '.join(told)})" if told else ""


_WAYS: Mapping[str, tuple[str, bool]] = {
    "age": ("ages in decades", True),
    "site": ("sites at the level of organs, at best", False),
    "diagnosis": ("rare diagnoses under their parent, at best", False),
    "sex": ("sex left out", False),
}
"""How each trait is coarsened; what lies between is not known here: left out is the most."""


def _remedy(traits: Mapping[str, Traits], names: Sequence[str], whole: Classes, k: int) -> str:
    """What each coarsening would leave, the best first, and whom to begin with."""
    aliases = list(traits)
    columns = {name: _column(traits, name) for name in names}
    left: dict[str, int] = {}
    for name in names:
        if name in _WAYS:
            told, by_decades = _WAYS[name]
            coarse = _column(traits, name, _decades if by_decades else _nothing)
            changed = [coarse if each == name else columns[each] for each in names]
            left[told] = len(_classes(aliases, changed, k).small)
    best = sorted(left.items(), key=lambda each: each[1])
    useful = [f"{told} would leave {count}" for told, count in best if count < len(whole.small)]
    named = ", ".join((whole.alone or whole.small)[:_NAMED])
    coarsen = "; ".join(useful) or "leave single values out, or these beings"
    return f"Say less exactly what few share: {coarsen}. Begin with {named}."


def _nothing(_: Hashable) -> Hashable:
    return ""


def _decades(age: Hashable) -> Hashable:
    """Ages as decades; what is no whole number of years stays as it is."""
    if not isinstance(age, frozenset):
        return age
    found: set[str] = set()
    for each in age:
        start = _YEARS.match(str(each))
        found.add(f"P{int(start[1]) // _DECADE}" if start else str(each))
    return frozenset(found)


def _beings(count: int) -> str:
    return f"{count} biological being{'s' if count != 1 else ''}"


def _stand(count: int) -> str:
    return "stand" if count != 1 else "stands"


def _and(names: Sequence[str]) -> str:
    told = [NAMES[each] for each in names]
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
