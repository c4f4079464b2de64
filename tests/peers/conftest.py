"""Slides of every format, each converted once for all peers that look at it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from slide_making import convert_all
from slides_of_every_format import Case, ConvertedCase


@pytest.fixture(scope="session")
def converted(tmp_path_factory) -> Callable[[Case], ConvertedCase]:
    """Converts a case when it is first asked for."""
    made: dict[str, ConvertedCase] = {}

    def convert(case: Case) -> ConvertedCase:
        if case.name not in made:
            folder = tmp_path_factory.mktemp("slide")
            source = case.make(folder)
            given = {} if case.mpp is None else {"mpp": case.mpp}
            conversion = convert_all(source, folder / "out", image=case.name, **given)
            made[case.name] = ConvertedCase(case, source, folder / "out", conversion)
        return made[case.name]

    return convert
