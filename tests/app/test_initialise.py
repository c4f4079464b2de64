"""A node is set up once; doing it again harms nothing, and lost keys are not papered over."""

from __future__ import annotations

import shutil

import pytest

from bigpicture.app.initialise import initialise
from bigpicture.app.open import open_stores
from bigpicture.model.errors import SettingsError
from bigpicture.model.person import Role
from bigpicture.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(data=tmp_path / "node")


def test_the_first_steward_once(settings):
    made = initialise(settings, steward="sana", password="a long enough password")
    assert made.roles == {Role.STEWARD}
    before = (settings.keys / "hmac.key").read_bytes()
    assert initialise(settings, steward="other", password="a long enough password") is None
    assert (settings.keys / "hmac.key").read_bytes() == before


def test_the_data_are_for_their_owner_alone(settings):
    initialise(settings, steward="sana", password="a long enough password")
    assert settings.data.stat().st_mode & 0o777 == 0o700
    assert (settings.data / "records.sqlite").stat().st_mode & 0o777 == 0o600


def test_lost_keys_are_told_and_not_replaced(settings):
    """New keys open nothing that was sealed for the old ones."""
    initialise(settings, steward="sana", password="a long enough password")
    stores = open_stores(settings)
    stores.vault.keep([b"invented"], owner="bb-dataset-aaaaaa-aaaaaa")
    stores.records.close()
    shutil.rmtree(settings.keys)
    with pytest.raises(SettingsError, match="backup"):
        initialise(settings, steward="sana", password="a long enough password")
    assert not settings.keys.exists()


def test_opening_what_was_never_set_up(settings):
    with pytest.raises(SettingsError, match="bigpicture init"):
        open_stores(settings)
