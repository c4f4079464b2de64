"""What is given wins over the environment, that over the file; nothing wrong passes in silence."""

from __future__ import annotations

import os

import pytest

from bigpicture.app.environment import environment_of
from bigpicture.model.errors import SettingsError
from bigpicture.settings import Intake, Settings


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in list(os.environ):
        if name.startswith("BIGPICTURE_"):
            monkeypatch.delenv(name)


def test_each_source_wins_over_the_one_before(tmp_path, monkeypatch):
    file = tmp_path / "node.toml"
    file.write_text('port = 1\nnode_name = "from the file"\ncenter = "aa"\n')
    monkeypatch.setenv("BIGPICTURE_PORT", "2")
    monkeypatch.setenv("BIGPICTURE_CENTER", "cc")
    found = Settings.load(file, port=3, center=None)
    assert (found.port, found.center, found.node_name) == (3, "cc", "from the file")


def test_by_default_nothing_identified_is_taken():
    assert Settings.load().intake is Intake.DEIDENTIFIED


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prot = 1", "prot"),
        ("port = 70000", "port"),
        ("workers = 0", "workers"),
        ('intake = "all"', "intake"),
        ('center = "B B"', "center"),
        ('slot = "../x"', "slot"),
        ('slot = "*"', "slot"),
        ("port = ", ""),
    ],
)
def test_a_wrong_file_is_told_by_name(tmp_path, text, named):
    file = tmp_path / "node.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as told:
        Settings.load(file)
    assert named in told.value.what
    assert told.value.place == str(file)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(SettingsError):
        Settings.load(tmp_path / "none.toml")


def test_no_message_repeats_a_password(monkeypatch):
    monkeypatch.setenv("BIGPICTURE_PORT", "postgresql://cleo:secret@host/db")
    with pytest.raises(SettingsError) as told:
        Settings.load()
    assert "secret" not in str(told.value)


def test_where_things_lie(tmp_path):
    found = Settings.load(data=tmp_path)
    assert found.records_url == f"sqlite:///{tmp_path}/records.sqlite"
    assert found.objects_url == f"file://{tmp_path}/objects"
    scaled = Settings.load(database_url="postgres://u@h/d", object_store="s3://b/p")
    assert scaled.records_url == scaled.workflows_url == "postgresql+psycopg://u@h/d"
    assert scaled.objects_url == "s3://b/p"


def test_another_process_reads_the_same_from_its_environment(tmp_path, monkeypatch):
    given = Settings.load(data=tmp_path, port=81, intake="identified", node_name="A ü node")
    for name, value in environment_of(given, workers=4).items():
        monkeypatch.setenv(name, value)
    assert Settings.load() == given.model_copy(update={"workers": 4})


def test_a_misspelt_variable_is_not_passed_over(monkeypatch):
    monkeypatch.setenv("BIGPICTURE_WOKERS", "2")
    with pytest.raises(SettingsError) as told:
        Settings.load()
    assert "BIGPICTURE_WORKERS" in told.value.what
    assert told.value.place == "BIGPICTURE_WOKERS"


def test_a_token_and_a_password_are_no_settings(monkeypatch):
    monkeypatch.setenv("BIGPICTURE_TOKEN", "x")
    monkeypatch.setenv("BIGPICTURE_PASSWORD", "y")
    assert Settings.load().port == 8080


def test_a_wrong_value_is_never_repeated(monkeypatch):
    monkeypatch.setenv("BIGPICTURE_PORT", "hunter2")
    with pytest.raises(SettingsError) as told:
        Settings.load()
    assert str(told.value).startswith("port is not a whole number")
    assert "hunter2" not in str(told.value)
