from datetime import UTC, datetime

import pytest

from bigpicture.model.seal import NOTHING, Seal, Sealed, SealScope

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sealed(scope, of=""):
    return Sealed([Seal("s", SealScope(scope), of, "an invented reason", NOON, "stew")])


@pytest.mark.parametrize(
    ("seals", "is_shut"),
    [
        (NOTHING, False),
        (sealed("node"), True),
        (sealed("dataset", "d"), True),
        (sealed("dataset", "e"), False),
        (sealed("committee", "c"), True),
        (sealed("committee", "k"), False),
        (sealed("site", "invented HOSPITAL"), True),
        (sealed("site", "Invented"), False),
        (sealed("person", "d"), False),  # another kind of thing of the same name
        (sealed("issuer", "d"), False),
        (sealed("grant", "d"), False),
    ],
)
def test_which_seals_close_a_dataset(seals, is_shut):
    found = seals.over_dataset("d", sites=("Invented Hospital",), committee="c")
    assert (found is not None) is is_shut


def test_a_dataset_without_a_committee_is_not_closed_with_one():
    assert sealed("committee", "c").over_dataset("d") is None


def test_persons_grants_and_issuers_are_closed_by_themselves():
    assert sealed("person", "ada").over_person("ada")
    assert not sealed("person", "ada").over_person("berta")
    assert sealed("grant", "g").over_grant("g")
    assert not sealed("grant", "g").over_grant("h")
    assert sealed("issuer", "https://issuer.example/").over_issuer("https://issuer.example/")
    assert not sealed("issuer", "https://issuer.example/").over_issuer("https://issuer.example")
