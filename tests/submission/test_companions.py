"""Companion tables go the way of a submission: checked again, kept, recorded, and forgotten."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from bigpicture.catalogue.files import list_files
from bigpicture.model.errors import IntegrityError, StorageFullError
from bigpicture.storage.records import tables as t
from bigpicture.submission import forget_rows
from bigpicture.submission.erase_subject import erase_subject, finish_erasures
from submitting import ingested, sent

WORDS = """\
variable,value,label,type,entity,unit,code,scheme,meaning,established,quasi_identifier
specimen,,Specimen,key,specimen,,,,,report,
grade,,Grade,category,,,371469007,SNOMED CT,Histologic grade of neoplasm,consensus,no
grade,1,Low,,,,,,,,
grade,2,High,,,,,,,,
ki67,,Ki-67,number,,%,,,,IHC,no
*,NA,not done,missing,,,,,,,
"""
TABLE = "specimen,grade,ki67\nspecimen-1,2,NA\n"
PATHS = ("COMPANIONS/grades.csv", "COMPANIONS/grades.dictionary.csv")


def contents(clean, *, table=TABLE, words=WORDS):
    return {**clean, PATHS[0]: table.encode(), PATHS[1]: words.encode()}


def published(stores, contributor, held):
    accession, attempt = sent(stores, contributor, held)
    row = ingested(stores, accession, attempt)
    assert row.state == "published", row.problem
    return accession


def all_rows(stores, table):
    with stores.records.read() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def files(stores, accession):
    with stores.records.read() as connection:
        return {each.path: each for each in list_files(connection, accession)}


def test_a_table_is_in_the_records_and_among_the_files(stores, contributor, clean_contents):
    accession = published(stores, contributor, contents(clean_contents))
    grade, ki67 = sorted(all_rows(stores, t.companion_variables), key=lambda each: each["ordinal"])
    assert (grade["name"], grade["entity"], grade["companion"]) == ("grade", "specimen", "grades")
    assert (grade["label"], grade["established"]) == ("Grade", "consensus")
    assert grade["code"]["code"] == "371469007"
    assert [each["label"] for each in grade["categories"]] == ["Low", "High"]
    assert (ki67["type"], ki67["unit"]) == ("number", "%")
    assert ki67["missing"][0]["meaning"] == "not done"
    [row] = all_rows(stores, t.companion_rows)
    [specimen] = all_rows(stores, t.specimens)
    assert (row["entity"], row["held"]) == (specimen["accession"], {"grade": "2", "ki67": "NA"})
    kept = files(stores, accession)
    assert kept[PATHS[0]].sha256 == hashlib.sha256(TABLE.encode()).hexdigest()
    assert stores.vault.read(kept[PATHS[0]].object) == TABLE.encode()
    assert stores.vault.read(kept[PATHS[1]].object) == WORDS.encode()


def test_the_node_checks_again_and_takes_the_corrected_table(stores, contributor, clean_contents):
    wrong = contents(clean_contents, table=TABLE.replace("specimen-1", "Hansen"))
    accession, attempt = sent(stores, contributor, wrong)
    row = ingested(stores, accession, attempt)
    assert row.state == "refused"
    [finding] = [each for each in row.findings if each["severity"] == "error"]
    assert finding["rule"] == "BP-companion-alias"
    assert (finding["file"], finding["line"]) == (PATHS[0], 2)
    assert "Hansen" not in str(row.findings) + str(row.problem)
    assert published(stores, contributor, contents(clean_contents)) == accession


def one_being(stores):
    with stores.records.read() as connection:
        return connection.scalars(select(t.beings.c.accession)).one()


def test_an_erased_being_is_in_no_row_and_in_no_file(stores, contributor, clean_contents):
    accession = published(stores, contributor, contents(clean_contents))
    before = files(stores, accession)[PATHS[0]]
    erase_subject(stores, one_being(stores))
    assert all_rows(stores, t.companion_rows) == []
    assert len(all_rows(stores, t.companion_variables)) == 2
    after = files(stores, accession)[PATHS[0]]
    assert stores.vault.read(after.object) == b"specimen,grade,ki67\n"
    assert after.sha256 == hashlib.sha256(b"specimen,grade,ki67\n").hexdigest()
    with pytest.raises(IntegrityError):
        stores.vault.read(before.object)
    assert not (stores.settings.data / "objects" / before.object).exists()
    erase_subject(stores, one_being(stores))  # doing so again is harmless
    assert stores.vault.read(files(stores, accession)[PATHS[0]].object).startswith(b"specimen")


def test_a_table_that_cannot_be_written_anew_goes_whole(
    here, contributor, clean_contents, monkeypatch
):
    accession = published(here, contributor, contents(clean_contents))

    def fail(*_, **__):
        raise IntegrityError("the body is damaged.")

    monkeypatch.setattr(forget_rows, "drop_rows", fail)
    erase_subject(here, one_being(here))
    assert PATHS[0] not in files(here, accession)
    assert all_rows(here, t.companion_rows) == []


def test_a_full_disk_costs_no_table_and_the_erasure_is_repeated(
    here, contributor, clean_contents, monkeypatch
):
    accession = published(here, contributor, contents(clean_contents))
    being = one_being(here)

    def fail(*_, **__):
        raise StorageFullError("there is no room.")

    with monkeypatch.context() as patched:
        patched.setattr(forget_rows, "drop_rows", fail)
        with pytest.raises(StorageFullError):
            erase_subject(here, being)
    assert PATHS[0] in files(here, accession)
    assert finish_erasures(here) == 1
    assert PATHS[0] in files(here, accession)
    assert all_rows(here, t.companion_rows) == []


def test_an_erasure_cut_short_is_finished(here, contributor, clean_contents, monkeypatch):
    """Killed after the key and before the transaction: the rows go when it is taken up again."""
    from bigpicture.submission import erase_subject as erasing

    published(here, contributor, contents(clean_contents))

    def die(*_, **__):
        raise KeyboardInterrupt

    being = one_being(here)
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "forget", die)
        with pytest.raises(KeyboardInterrupt):
            erase_subject(here, being)
    assert len(all_rows(here, t.companion_rows)) == 1
    assert erasing.finish_erasures(here) == 1
    assert all_rows(here, t.companion_rows) == []
