"""Agreement of ordered grades: Cohen's kappa with quadratic weights.

Cohen, Psychological Bulletin 1968, doi 10.1037/h0026256.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bigpicture.model.errors import InputError


def quadratic_kappa(one: npt.ArrayLike, other: npt.ArrayLike, *, grades: int) -> float:
    """How far two gradings agree beyond chance, far ones weighing by the square; 1 is the same.

    Both hold grades 0 to `grades` - 1, shape (n,). NaN where both know one grade only. Raises
    `InputError` for other shapes and grades.
    """
    first, second = _grades(one, grades), _grades(other, grades)
    if first.shape != second.shape:
        raise InputError(
            f"{len(first)} grades stand beside {len(second)}.",
            place="grades",
            remedy="Give both gradings of the same cases.",
        )
    seen = np.zeros((grades, grades))
    np.add.at(seen, (first, second), 1.0)
    by_chance = np.outer(seen.sum(1), seen.sum(0)) / max(1, len(first))
    steps = np.arange(grades)
    weight = (steps[:, None] - steps[None, :]) ** 2
    expected = float((weight * by_chance).sum())
    return 1 - float((weight * seen).sum()) / expected if expected else float("nan")


def _grades(given: npt.ArrayLike, grades: int) -> npt.NDArray[np.int64]:
    values = np.asarray(given)
    if values.ndim != 1 or not np.isin(values, np.arange(grades)).all():
        raise InputError(
            f"a grade is not one of 0 to {grades - 1}.",
            place="grades",
            remedy="Number the grades from 0 and say how many there are.",
        )
    return values.astype(np.int64)
