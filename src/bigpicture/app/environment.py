"""Settings as an environment, to hand them to the other processes of the node."""

from __future__ import annotations

import os

from bigpicture.settings import Settings


def environment_of(settings: Settings, **changed: object) -> dict[str, str]:
    """This process's environment with every setting in it."""
    values = {**settings.model_dump(mode="json"), **changed}
    return {
        **os.environ,
        **{
            f"BIGPICTURE_{name.upper()}": "" if value is None else str(value)
            for name, value in values.items()
        },
    }
