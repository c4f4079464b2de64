"""The second factor on both databases: codes are used once, whatever happens at the same time."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from bigpicture.access.node_keys import load_node_keys
from bigpicture.access.second_factor import (
    begin_factor,
    confirm_factor,
    has_factor,
    recovery_left,
    remove_factor,
    show_factor,
)
from bigpicture.access.totp import code_at, step_at
from bigpicture.ledger.read import events_after
from bigpicture.model.errors import ConflictError, IntegrityError, SignInError, UnknownError
from bigpicture.model.person import Role
from contracts.owned import OnPostgresql, OnSqlite, OwnedContract

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
STEP = timedelta(seconds=30)


class SecondFactorContract(OwnedContract):
    role = Role.STEWARD

    @pytest.fixture
    def keys(self, tmp_path):
        return load_node_keys(tmp_path / "keys")

    @pytest.fixture
    def ada(self, people):
        return people[0]

    @pytest.fixture
    def secret(self, records, ada, keys):
        with records.write() as connection:
            return begin_factor(connection, ada, keys, node_name="Node", now=NOW).secret

    @pytest.fixture
    def recovery(self, records, ada, keys, secret):
        with records.write() as connection:
            return confirm_factor(connection, ada, keys, code=code(secret, NOW), now=NOW)

    def show(self, records, person, keys, given, at):
        with records.write() as connection:
            show_factor(connection, person.id, keys, code=given, now=at)

    def test_it_counts_once_it_is_confirmed(self, records, ada, keys, secret):
        with records.read() as connection:
            assert not has_factor(connection, ada.id)
        with pytest.raises(SignInError):
            self.show(records, ada, keys, code(secret, NOW), NOW)
        with pytest.raises(SignInError), records.write() as connection:
            confirm_factor(connection, ada, keys, code="000000", now=NOW)
        with records.write() as connection:
            assert len(confirm_factor(connection, ada, keys, code=code(secret, NOW), now=NOW)) == 10
            assert has_factor(connection, ada.id)

    def test_the_secret_lies_sealed_and_opens_for_its_person_alone(
        self, records, people, keys, secret
    ):
        with records.read() as connection:
            sealed = connection.exec_driver_sql("SELECT secret FROM second_factors").scalar_one()
        assert secret.encode() not in bytes(sealed)
        assert keys.open(bytes(sealed), of=people[0].id) == secret.encode()
        with pytest.raises(IntegrityError):
            keys.open(bytes(sealed), of=people[1].id)

    def test_a_code_is_taken_once(self, records, ada, keys, secret, recovery):
        later = NOW + STEP
        with pytest.raises(SignInError):
            self.show(records, ada, keys, code(secret, NOW), NOW)  # the confirmation used it
        self.show(records, ada, keys, code(secret, later), later)
        with pytest.raises(SignInError):
            self.show(records, ada, keys, code(secret, later), later)
        with pytest.raises(SignInError):
            self.show(records, ada, keys, code(secret, NOW), later)  # an older one neither

    def test_of_two_that_show_the_same_code_at_once_one_gets_in(
        self, records, ada, keys, secret, recovery
    ):
        later, outcomes = NOW + STEP, []
        begin = threading.Barrier(2)

        def show():
            begin.wait()
            try:
                self.show(records, ada, keys, code(secret, later), later)
                outcomes.append("in")
            except SignInError:
                outcomes.append("out")

        threads = [threading.Thread(target=show) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["in", "out"]

    def test_a_recovery_code_works_once_however_it_is_typed(self, records, ada, keys, recovery):
        self.show(records, ada, keys, recovery[3].upper().replace("-", " "), NOW)
        with pytest.raises(SignInError):
            self.show(records, ada, keys, recovery[3], NOW)
        with records.read() as connection:
            assert recovery_left(connection, ada.id) == 9
            acts = [event.action for event in events_after(connection, 0, limit=50)]
        assert acts[-2:] == ["second-factor:confirm", "second-factor:recover"]

    def test_codes_of_somebody_else_are_worth_nothing(self, records, people, keys, recovery):
        with records.write() as connection:
            other = begin_factor(connection, people[1], keys, node_name="Node", now=NOW).secret
            confirm_factor(connection, people[1], keys, code=code(other, NOW), now=NOW)
        with pytest.raises(SignInError):
            self.show(records, people[1], keys, recovery[0], NOW)

    def test_it_is_enrolled_anew_only_after_it_was_taken_away(self, records, ada, keys, recovery):
        with pytest.raises(ConflictError), records.write() as connection:
            begin_factor(connection, ada, keys, node_name="Node", now=NOW)
        with records.write() as connection:
            remove_factor(connection, ada.id, by=ada.id)
            assert not has_factor(connection, ada.id)
            assert recovery_left(connection, ada.id) == 0
        with pytest.raises(UnknownError), records.write() as connection:
            remove_factor(connection, ada.id, by=ada.id)


def code(secret, at):
    return code_at(secret, step_at(at.timestamp()))


class TestSqlite(OnSqlite, SecondFactorContract):
    pass


class TestPostgresql(OnPostgresql, SecondFactorContract):
    pass
