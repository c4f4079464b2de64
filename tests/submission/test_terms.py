"""A node's own codes come from its settings, and a wrong file is the node's error."""

from __future__ import annotations

import pytest

from bigpicture.model.errors import SettingsError
from bigpicture.settings import Settings
from bigpicture.standard.site_terms import NO_TERMS
from bigpicture.submission.terms import terms_of


def test_without_the_setting_there_are_none(tmp_path):
    assert terms_of(Settings(data=tmp_path)) is NO_TERMS


def test_an_edit_counts_at_once(tmp_path):
    file = tmp_path / "site.csv"
    settings = Settings(data=tmp_path, terms=str(file))
    file.write_text("vocabulary,code,scheme,meaning\nSITE,C22.0,ICD-O-3,Liver\n", encoding="utf-8")
    assert len(terms_of(settings).terms) == 1
    with file.open("a", encoding="utf-8") as stream:
        stream.write("SITE,C34.9,ICD-O-3,Lung\n")
    assert len(terms_of(settings).terms) == 2


@pytest.mark.parametrize("text", ["", "vocabulary,code,scheme,meaning\nSITES,1,X,y\n"])
def test_a_wrong_file_is_no_contributors_fault(tmp_path, text):
    file = tmp_path / "site.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="terms are wrong"):
        terms_of(Settings(data=tmp_path, terms=str(file)))
