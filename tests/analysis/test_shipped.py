"""What is installed with Python is known by its code, and nothing of others is imported."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import pytest

from bigpicture.analysis import shipped as module
from bigpicture.analysis.shipped import code_of, installed_of, plugged, shipped
from bigpicture.model.errors import InputError
from made_algorithm import make_algorithm


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with a manifest that would tell if it were imported."""
    folder = make_algorithm(tmp_path / "grey_package")
    (folder / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    entries = [EntryPoint("org.example.grey", "grey_package", module.GROUP)]
    monkeypatch.setattr(module, "entry_points", lambda **_: entries)
    plugged.cache_clear()
    yield folder
    plugged.cache_clear()


def test_a_package_brings_an_algorithm_and_is_not_imported(package):
    (found,) = plugged()
    assert (found.algorithm.id, found.folder, found.is_foreign) == (
        "org.example.grey",
        package,
        True,
    )
    assert "grey_package" not in sys.modules
    assert installed_of(found.algorithm) == found


def test_a_package_without_its_manifest_is_told(package):
    (package / "algorithm.toml").unlink()
    with pytest.raises(InputError):
        plugged()


def test_what_is_shipped_has_a_digest_of_its_code():
    for each in shipped():
        assert len(each.algorithm.code) == 64
        assert not each.is_foreign
        assert installed_of(each.algorithm) == each


def test_code_is_a_module_with_those_of_ours_that_it_imports(tmp_path, monkeypatch):
    (tmp_path / "one.py").write_text("import two\n")
    (tmp_path / "two.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(module, "OURS", "two")
    before = code_of("one")
    (tmp_path / "two.py").write_text("x = 2\n")
    assert code_of("one") != before
    (tmp_path / "two.py").write_text("x = 1\n")
    assert code_of("one") == before
