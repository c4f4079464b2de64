"""Algorithms are published, granted and withdrawn alike on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import select

from bigpicture.access.decide import Reason
from bigpicture.access.epoch import Epoch
from bigpicture.analysis.algorithm_grants import (
    grant_algorithm,
    list_grants,
    revoke_algorithm_grant,
)
from bigpicture.analysis.execute import execute
from bigpicture.analysis.install import install
from bigpicture.analysis.may_run import decide_use, find_runnable, require_use
from bigpicture.analysis.opening import Opening
from bigpicture.analysis.publish import Policy, publish, set_policy, withdraw
from bigpicture.analysis.registry import find_algorithm, find_registered, list_algorithms
from bigpicture.dicom.reader import ArraySlide
from bigpicture.ledger.read import events_after
from bigpicture.model.algorithm_grant import AlgorithmUse
from bigpicture.model.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    IntegrityError,
    SignInError,
    UnknownError,
)
from bigpicture.model.policy import AccessTier
from bigpicture.sandbox import landlock
from bigpicture.storage.records.tables import epochs, objects
from bigpicture.worker.run_rights import RunRights
from made_algorithm import CODE, packed_algorithm
from published import add_person, make_stores

DAY = timedelta(days=1)
NAME = "org.example.grey"
PRIVATE = Policy()


class AlgorithmsContract:
    """Subclasses give `url`: an empty database."""

    @pytest.fixture
    def stores(self, tmp_path, url):
        made = make_stores(tmp_path / "data", url)
        yield made
        made.records.close()

    @pytest.fixture
    def people(self, stores):
        return {
            name: add_person(stores, name, role)[0]
            for name, role in (("ada", "researcher"), ("bob", "researcher"), ("stew", "steward"))
        }

    @pytest.fixture
    def publish(self, stores, people, tmp_path):
        def published(by="ada", policy=PRIVATE, **named):
            package = packed_algorithm(tmp_path / f"made-{len(list(tmp_path.iterdir()))}", **named)
            return publish(stores.records, stores.vault, people[by], package, policy=policy)

        return published

    def change(self, stores, act, *args, **more):
        with stores.records.write() as connection:
            return act(connection, *args, **more)

    def read(self, stores, act, *args, **more):
        with stores.records.read() as connection:
            return act(connection, *args, **more)

    def acts(self, stores):
        with stores.records.read() as connection:
            acts = [each.action for each in events_after(connection, 0, 100)]
        return [each for each in acts if each.startswith("algorithm:")]

    def seal(self, stores):
        with stores.records.read() as connection:
            return connection.scalar(select(epochs.c.value).where(epochs.c.name == Epoch.SEAL))

    def test_versions_come_in_and_are_found_the_newest_first(self, stores, people, publish):
        for version in ("1.2.0", "1.10.0", "1.9.0"):
            publish(version=version)
        with stores.records.read() as connection:
            assert find_algorithm(NAME, connection=connection).version == "1.10.0"
            assert find_algorithm(NAME, "1.9.0", connection=connection).version == "1.9.0"
            assert NAME in [each.id for each in list_algorithms(connection)]
            found = find_registered(NAME, connection=connection)
            with pytest.raises(UnknownError):
                find_algorithm(NAME, "2.0.0", connection=connection)
        assert (found.owner, found.tier, found.is_listed) == (
            people["ada"].id,
            AccessTier.CONTROLLED,
            False,
        )
        assert found.card.startswith("# Mean grey")
        assert self.acts(stores) == ["algorithm:publish"] * 3

    def test_a_version_never_changes(self, stores, publish):
        first = publish()
        assert publish().algorithm.digest == first.algorithm.digest  # the same files: no change
        assert self.acts(stores) == ["algorithm:publish"]
        with pytest.raises(ConflictError):
            publish(code=CODE + "\n# changed")
        with stores.records.read() as connection:
            states = connection.scalars(select(objects.c.state)).all()
        assert states == ["durable"]  # nothing is left of what was refused

    def test_only_its_owner_or_a_steward_publishes_more(self, publish):
        publish()
        with pytest.raises(ForbiddenError):
            publish(by="bob", version="1.1.0")
        assert publish(by="stew", version="1.1.0").owner == publish().owner

    def test_a_withdrawn_version_is_not_run_and_not_the_newest(self, stores, people, publish):
        publish(version="1.0.0", policy=Policy(AccessTier.OPEN, is_listed=True))
        publish(version="1.1.0")
        ada, bob = people["ada"], people["bob"]
        with pytest.raises(ForbiddenError):
            self.change(stores, withdraw, bob, NAME, "1.1.0", reason="wrong")
        with pytest.raises(InputError):
            self.change(stores, withdraw, ada, NAME, "1.1.0", reason=" ")
        before = self.seal(stores)
        self.change(stores, withdraw, ada, NAME, "1.1.0", reason="wrong")
        assert self.seal(stores) > before
        with pytest.raises(ConflictError):
            self.change(stores, withdraw, ada, NAME, "1.1.0", reason="wrong")
        with stores.records.read() as connection:
            assert find_algorithm(NAME, connection=connection).version == "1.0.0"
            assert require_use(connection, bob, NAME, None).algorithm.version == "1.0.0"
            with pytest.raises(ForbiddenError):
                require_use(connection, ada, NAME, "1.1.0")
        assert self.acts(stores)[-1] == "algorithm:withdraw"

    def test_who_may_run_it_and_who_may_see_its_weights(self, stores, people, publish):
        publish()
        ada, bob, stew = people["ada"], people["bob"], people["stew"]
        use = AlgorithmUse
        with stores.records.read() as connection:
            require_use(connection, ada, NAME, None, use.WEIGHTS)
            for person in (bob, None):  # nobody but insiders knows of it
                with pytest.raises(UnknownError):
                    require_use(connection, person, NAME, None)
            with pytest.raises(ForbiddenError):  # a steward knows of it, and needs a grant
                require_use(connection, stew, NAME, None)
        now = datetime.now(UTC)
        made = self.change(
            stores, grant_algorithm, ada, NAME, to=bob.id, uses=[use.RUN], end=now + DAY,
            reason="study",
        )  # fmt: skip
        with stores.records.read() as connection:
            require_use(connection, bob, NAME, None)
            with pytest.raises(ForbiddenError):  # run without being seen
                require_use(connection, bob, NAME, None, use.WEIGHTS)
        self.change(stores, revoke_algorithm_grant, stew, NAME, made.id, reason="over")
        with stores.records.read() as connection, pytest.raises(UnknownError):
            require_use(connection, bob, NAME, None)
        listed = Policy(AccessTier.REGISTERED, is_listed=True)
        self.change(stores, set_policy, ada, NAME, listed)
        with stores.records.read() as connection:
            with pytest.raises(SignInError):
                require_use(connection, None, NAME, None)
            with pytest.raises(ForbiddenError):
                require_use(connection, bob, NAME, None)
        self.change(stores, set_policy, ada, NAME, Policy(AccessTier.OPEN, is_listed=True))
        with stores.records.read() as connection:
            require_use(connection, bob, NAME, None)
        assert self.acts(stores)[1:] == [
            "algorithm:grant", "algorithm:revoke", "algorithm:set-policy", "algorithm:set-policy",
        ]  # fmt: skip

    def test_a_run_takes_what_its_person_may_run_as_long_as_that_holds(
        self, stores, people, publish
    ):
        found = publish().algorithm
        publish(version="1.1.0")
        ada, bob = people["ada"], people["bob"]
        with stores.records.read() as connection:
            assert find_runnable(connection, ada, NAME, "~=1.0").version == "1.1.0"
            assert find_runnable(connection, ada, NAME, "1.0.0").digest == found.digest
            for person, version in ((bob, ""), (ada, ">=2")):
                with pytest.raises(UnknownError):
                    find_runnable(connection, person, NAME, version)
        rights = RunRights(stores)
        assert rights.installed(ada.id, NAME, "1.0.0").algorithm.digest == found.digest
        for person in (bob.id, "nobody"):
            with pytest.raises(UnknownError):
                rights.installed(person, NAME, "1.0.0")
        self.change(stores, withdraw, ada, NAME, "1.0.0", reason="wrong")
        with pytest.raises(ForbiddenError, match="withdrawn"):
            RunRights(stores).installed(ada.id, NAME, "1.0.0")

    def test_a_grant_begins_and_ends_on_its_second(self, stores, people, publish):
        found = publish()
        now = datetime.now(UTC)
        self.change(
            stores, grant_algorithm, people["ada"], NAME, to=people["bob"].id,
            uses=[AlgorithmUse.RUN], start=now, end=now + DAY, reason="study",
        )  # fmt: skip
        grants = self.read(stores, list_grants, NAME)
        for at, allowed in ((now, True), (now + DAY, False), (now - DAY, False)):
            decision = decide_use(people["bob"], found, AlgorithmUse.RUN, grants=grants, now=at)
            assert decision.allowed is allowed
            assert decision.reason in (None, Reason.GRANT)
        with pytest.raises(ConflictError):
            self.change(
                stores, grant_algorithm, people["ada"], NAME, to=people["bob"].id,
                uses=[AlgorithmUse.RUN], end=now + DAY, reason="again",
            )  # fmt: skip

    @pytest.mark.skipif(landlock.version() == 0, reason="code of others runs behind Landlock")
    def test_what_was_published_is_what_runs(self, stores, publish, tmp_path, pixels):
        found = publish()
        cache = tmp_path / "cache"
        done = execute(
            install(found, stores.vault, cache), Opening(ArraySlide, (pixels, 0.5)), folder=tmp_path
        )
        assert done.values["grey"].value == pytest.approx(100, abs=1)
        (folder,) = (cache / "algorithms").iterdir()
        assert folder.name == found.algorithm.digest
        other = cache / "other"
        (other / "algorithms").mkdir(parents=True)
        folder.rename(other / "algorithms" / folder.name)
        (other / "algorithms" / folder.name / "grey.py").write_text("changed = True")
        with pytest.raises(IntegrityError):
            install(found, stores.vault, other)

    @pytest.fixture
    def pixels(self):
        return np.full((64, 64, 3), 100, np.uint8)


class TestSqlite(AlgorithmsContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'records.sqlite'}"


class TestPostgresql(AlgorithmsContract):
    @pytest.fixture
    def url(self, make_postgresql_url):
        return make_postgresql_url()
