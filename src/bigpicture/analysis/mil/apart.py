"""Split bags by being: nobody stands on two sides."""

from __future__ import annotations

from collections.abc import Sequence

from bigpicture.analysis.mil.bag import Bag
from bigpicture.model.dealing import split
from bigpicture.model.split import parse_parts


def apart(bags: Sequence[Bag], parts: str, *, seed: str = "") -> dict[str, list[Bag]]:
    """Bags by part, such as `train:0.7,tune:0.1,test:0.2`, as `model.dealing` splits a cohort.

    All bags of one being come to one part, and each class is shared out as the whole is. The same
    bags and seed give the same parts on every machine. Raises `InputError`.
    """
    asked = parse_parts(parts)
    dealt = split(
        [f"{at}:{bag.images[0]}" for at, bag in enumerate(bags)],
        [(bag.being,) for bag in bags],
        asked,
        seed=seed,
        strata=[str(bag.label) for bag in bags],
    )
    sides: dict[str, list[Bag]] = {part.name: [] for part in asked}
    for bag, name in zip(bags, dealt.names, strict=True):
        sides[name].append(bag)
    return sides
