import csv
import stat
import sys

import pytest

from bigpicture.deidentify.pseudonyms import Pseudonyms
from bigpicture.model.entity import EntityKind
from bigpicture.model.errors import ConflictError, InputError
from bigpicture.preparation.aliases import Aliases, check_key_place, write_keys

KEY = Pseudonyms(bytes(32))


def aliases(*locals_: str, key: Pseudonyms = KEY) -> Aliases:
    made = Aliases(key.name)
    for each in locals_:
        made(EntityKind.BEING, each)
    return made


def read(place):
    with place.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_same_identifier_has_the_same_alias_and_another_kind_another():
    one, other = aliases(), aliases()
    assert one(EntityKind.BEING, "P1") == other(EntityKind.BEING, "P1")
    assert one(EntityKind.BEING, "P1") != one(EntityKind.CASE, "P1")
    assert one(EntityKind.BEING, "P1") != one(EntityKind.BEING, "P2")


def test_a_later_batch_adds_to_the_key_file(tmp_path):
    place = tmp_path / "site" / "keys.csv"
    write_keys(place, aliases("P1", "Größe, 2"))
    first = read(place)
    write_keys(place, aliases("P1", "P3"))
    assert [each["local"] for each in read(place)] == ["P1", "Größe, 2", "P3"]
    assert read(place)[:2] == first


@pytest.mark.skipif(sys.platform == "win32", reason="rights are the folder's there")
def test_nobody_else_reads_the_key_file(tmp_path):
    place = tmp_path / "keys.csv"
    write_keys(place, aliases("P1"))
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_another_key_is_noticed_and_the_file_left_as_it_was(tmp_path):
    place = tmp_path / "keys.csv"
    write_keys(place, aliases("P1"))
    before = place.read_bytes()
    with pytest.raises(ConflictError, match="another key"):
        write_keys(place, aliases("P1", key=Pseudonyms(bytes([1] * 32))))
    assert place.read_bytes() == before


@pytest.mark.parametrize("text", ["", "a,b,c\n", "local,kind,alias\nx\n", '"'])
def test_another_file_is_left_as_it_is(tmp_path, text):
    place = tmp_path / "keys.csv"
    place.write_text(text)
    with pytest.raises(InputError, match="no key file"):
        write_keys(place, aliases("P1"))
    assert place.read_text() == text


def test_the_key_file_must_not_lie_in_the_dataset(tmp_path):
    dataset = tmp_path / "DATASET_x"
    check_key_place(tmp_path / "keys.csv", dataset)
    with pytest.raises(InputError, match="leave the site"):
        check_key_place(dataset / "PRIVATE" / "keys.csv", dataset)
    with pytest.raises(InputError, match="leave the site"):
        check_key_place(tmp_path / "y" / ".." / "DATASET_x" / "k.csv", dataset)
