"""One living process holds a slot."""

from __future__ import annotations

import pytest

from bigpicture.app.slot import held_slot
from bigpicture.model.errors import SettingsError
from bigpicture.settings import Settings


def test_a_held_slot_is_refused_to_others_until_it_is_let_go(tmp_path):
    settings = Settings(data=tmp_path)
    with held_slot(settings):
        with (
            pytest.raises(SettingsError, match="--slot NAME"),
            held_slot(settings, patience=0),
        ):
            pass
        with held_slot(settings.model_copy(update={"slot": "1"}), patience=0):
            pass
    with held_slot(settings, patience=0):
        pass
