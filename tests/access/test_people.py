import pytest

from bigpicture.access.people import find_person, list_people, name_people
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import ConflictError, InputError
from bigpicture.model.person import Role
from published import add_person


def test_a_person_is_kept_with_an_event(stores):
    ada, _ = add_person(stores, "Ada", "steward", "auditor")
    with stores.records.read() as connection:
        assert find_person(connection, ada.id) == ada
        first = events_after(connection, 0, 1)[0]
    assert ada.name == "ada"
    assert ada.roles == {Role.STEWARD, Role.AUDITOR}
    assert (first.action, first.subject, first.actor) == ("person:create", ada.id, "node")
    assert "ada" not in str(first.details)


def test_a_name_is_taken_in_any_spelling(stores):
    add_person(stores, "Ada")
    with pytest.raises(ConflictError):
        add_person(stores, " ADA")
    with stores.records.read() as connection:
        assert len(events_after(connection, 0, 10)) == 2  # the first account and its token


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
def test_names_nobody_could_type_are_refused(stores, name):
    with pytest.raises(InputError):
        add_person(stores, name)


def test_names_are_given_for_people_alone(stores):
    ada, _ = add_person(stores, "ada")
    add_person(stores, "bob")
    with stores.records.read() as connection:
        assert name_people(connection, [ada.id, "node", ada.id]) == {ada.id: "Ada"}
        assert name_people(connection, []) == {}


def test_people_are_listed_by_name(stores):
    for name in ("cleo", "ada", "bob"):
        add_person(stores, name)
    with stores.records.read() as connection:
        assert [each.name for each in list_people(connection, limit=2)] == ["ada", "bob"]
        assert [each.name for each in list_people(connection, after="bob")] == ["cleo"]
