"""Cohorts are kept, frozen and named alike on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from bigpicture.catalogue import cohort_freeze as freezing
from bigpicture.catalogue import cohorts as keeping
from bigpicture.catalogue.cohorts import Change
from bigpicture.ledger.read import events_after
from bigpicture.model.cohort import Sharing
from bigpicture.model.errors import (
    ChangedError,
    ForbiddenError,
    InputError,
    LimitError,
    UnknownError,
)
from bigpicture.model.person import Role
from bigpicture.model.question_text import parse_question
from bigpicture.storage.records.tables import cohort_lists
from chosen import Chosen
from contracts.owned import OnPostgresql, OnSqlite, OwnedContract

LIVER = parse_question("organ:liver")


class CohortsContract(OwnedContract):
    role = Role.RESEARCHER

    def save(self, records, person, name="Livers", **more):
        more = {"notes": "", "question": LIVER} | more
        with records.write() as connection:
            return keeping.create_cohort(connection, person, name=name, **more)

    def freeze(self, records, person, cohort, chosen):
        with records.write() as connection:
            return freezing.freeze_cohort(
                connection,
                person,
                cohort,
                chosen,
                asked=sorted(set(chosen.datasets)),
                titles={"bb-dataset-one": "The one"},
            )

    def mint(self, records, person, cohort, number=1):
        with records.write() as connection:
            return freezing.mint_accession(connection, person, cohort, number, center="bb")

    def events(self, records, kind="cohort"):
        with records.read() as connection:
            return [
                (each.action, each.details)
                for each in events_after(connection, 0, 1000)
                if each.action.startswith(kind)
            ]

    def test_a_cohort_comes_back_as_it_was_saved(self, records, people):
        saved = self.save(records, people[0], notes="Two lines\nof notes", sharing=Sharing.LINK)
        with records.read() as connection:
            found = keeping.find_cohort(connection, people[0], saved.id)
        assert found == saved
        assert found.owner_name == "Ada"
        assert [name for name, _ in self.events(records)] == ["cohort:create", "cohort:share"]

    def test_who_may_find_it(self, records, people):
        ada, berta = people
        private = self.save(records, ada)
        link = self.save(records, ada, sharing=Sharing.LINK)
        node = self.save(records, ada, sharing=Sharing.NODE)
        with records.read() as connection:
            with pytest.raises(UnknownError):
                keeping.find_cohort(connection, berta, private.id)
            for shared in (link, node):
                assert keeping.find_cohort(connection, berta, shared.id) == shared
                with pytest.raises(ForbiddenError):
                    keeping.own_cohort(connection, berta, shared.id)
            listed = keeping.list_cohorts(connection, berta, shared=True)
            assert [each.cohort for each in listed] == [node]  # a link is not listed
            assert keeping.list_cohorts(connection, berta, shared=False) == []
            assert keeping.list_cohorts(connection, ada, shared=True) == []
            mine = keeping.list_cohorts(connection, ada, shared=False)
        assert [each.cohort.id for each in mine] == [node.id, link.id, private.id]

    def test_pages_follow_one_another(self, records, people):
        saved = [self.save(records, people[0], f"Number {at}") for at in range(5)]
        seen, after = [], ""
        with records.read() as connection:
            while page := keeping.list_cohorts(
                connection, people[0], shared=False, after=after, limit=2
            ):
                seen += [each.cohort.id for each in page]
                after = keeping.page_key(page[-1].cohort)
            with pytest.raises(InputError):
                keeping.list_cohorts(connection, people[0], shared=False, after="x")
        assert seen == [each.id for each in reversed(saved)]

    def test_a_change_is_made_from_the_version_that_it_names(self, records, people):
        saved = self.save(records, people[0])
        with records.write() as connection:
            changed = keeping.change_cohort(
                connection, people[0], saved.id, Change(notes="new"), known=saved.etag
            )
        assert (changed.name, changed.notes) == ("Livers", "new")
        assert changed.etag != saved.etag
        with pytest.raises(ChangedError), records.write() as connection:
            keeping.change_cohort(
                connection, people[0], saved.id, Change(notes="late"), known=saved.etag
            )
        with records.read() as connection:
            assert keeping.find_cohort(connection, people[0], saved.id) == changed

    def test_of_many_who_change_at_once_one_succeeds(self, records, people):
        saved = self.save(records, people[0])
        done, refused = [], []

        def change(number):
            try:
                with records.write() as connection:
                    keeping.change_cohort(
                        connection, people[0], saved.id, Change(notes=str(number)), known=saved.etag
                    )
                done.append(str(number))
            except ChangedError:
                refused.append(number)

        threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(done), len(refused)) == (1, 7)
        with records.read() as connection:
            assert keeping.find_cohort(connection, people[0], saved.id).notes == done[0]

    def test_sharing_is_an_event_and_notes_are_none(self, records, people):
        saved = self.save(records, people[0])
        etag = saved.etag
        for change in (Change(notes="n"), Change(sharing=Sharing.NODE), Change(name="Other")):
            with records.write() as connection:
                etag = keeping.change_cohort(
                    connection, people[0], saved.id, change, known=etag
                ).etag
        assert self.events(records) == [
            ("cohort:create", {}),
            ("cohort:share", {"sharing": "node"}),
        ]

    @pytest.mark.parametrize("name", ["", "   ", "two\nlines", "x" * 201])
    def test_a_wrong_name_is_refused(self, records, people, name):
        with pytest.raises(InputError):
            self.save(records, people[0], name)

    def test_there_are_not_too_many(self, records, people, monkeypatch):
        monkeypatch.setattr(keeping, "MOST_COHORTS", 1)
        self.save(records, people[0])
        with pytest.raises(LimitError):
            self.save(records, people[0])
        self.save(records, people[1])

    def test_freezing_keeps_the_exact_list(self, records, people):
        saved = self.save(records, people[0])
        version, is_new = self.freeze(records, people[0], saved, Chosen.of(one="ba", two="c"))
        assert is_new
        assert (version.number, version.images.count) == (1, 3)
        one, two = version.images.parts
        assert (one.dataset, one.title, one.images, one.beings) == (
            "bb-dataset-one",
            "The one",
            2,
            2,
        )
        assert two.title == ""
        with records.read() as connection:
            kept = freezing.read_images(connection, version.images.digest)
            assert freezing.find_version(connection, saved.id, 1) == version
            with pytest.raises(UnknownError):
                freezing.find_version(connection, saved.id, 2)
        assert kept == {
            "bb-dataset-one": ["bb-image-one-aaaaaa", "bb-image-one-bbbbbb"],
            "bb-dataset-two": ["bb-image-two-cccccc"],
        }

    def test_freezing_again_makes_a_version_only_of_what_differs(self, records, people):
        saved = self.save(records, people[0])
        first, _ = self.freeze(records, people[0], saved, Chosen.of(one="ab"))
        again, is_new = self.freeze(records, people[0], saved, Chosen.of(one="ba"))
        assert not is_new
        assert again == first
        more, is_new = self.freeze(records, people[0], saved, Chosen.of(one="abc"))
        assert is_new
        back, is_new = self.freeze(records, people[0], saved, Chosen.of(one="ab"))
        assert (back.number, is_new) == (3, True)
        assert back.images.digest == first.images.digest != more.images.digest
        with records.read() as connection:
            versions = freezing.list_versions(connection, saved.id)
            older = freezing.list_versions(connection, saved.id, before=3, limit=1)
            lists = connection.execute(select(func.count()).select_from(cohort_lists)).scalar_one()
        assert [each.number for each in versions] == [3, 2, 1]
        assert [each.number for each in older] == [2]
        assert lists == 2  # equal lists are kept once
        assert [each.details for each in self._frozen(records)] == [
            {"version": 1, "digest": first.images.digest, "images": 2},
            {"version": 2, "digest": more.images.digest, "images": 3},
            {"version": 3, "digest": first.images.digest, "images": 2},
        ]

    def _frozen(self, records):
        with records.read() as connection:
            return [
                each for each in events_after(connection, 0, 100) if each.action == "cohort:freeze"
            ]

    def test_equal_lists_have_one_accession(self, records, people):
        ada, berta = people
        mine, theirs = self.save(records, ada, "Mine"), self.save(records, berta, "Theirs")
        for person, cohort in ((ada, mine), (berta, theirs)):
            self.freeze(records, person, cohort, Chosen.of(one="ab"))
        self.freeze(records, berta, theirs, Chosen.of(one="abc"))
        accession = self.mint(records, ada, mine)
        assert accession.startswith("bb-cohort-")
        assert self.mint(records, berta, theirs) == accession
        assert self.mint(records, berta, theirs, 2) != accession
        with records.read() as connection:
            found = freezing.find_minted(connection, accession)
            assert (found.title, found.question, found.images.count) == ("Mine", LIVER, 2)
            assert freezing.find_version(connection, theirs.id, 1).images.accession == accession
        assert len(self.events(records, "cohort:mint")) == 2

    def test_of_many_who_mint_at_once_all_get_the_same(self, records, people):
        saved = self.save(records, people[0])
        self.freeze(records, people[0], saved, Chosen.of(one="ab"))
        minted = []

        def mint():
            minted.append(self.mint(records, people[0], saved))

        threads = [threading.Thread(target=mint) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(minted) == 8
        assert len(set(minted)) == 1
        assert len(self.events(records, "cohort:mint")) == 1

    def test_what_is_cited_outlives_its_cohort(self, records, people):
        saved = self.save(records, people[0])
        self.freeze(records, people[0], saved, Chosen.of(one="ab"))
        self.freeze(records, people[0], saved, Chosen.of(one="abc"))
        accession = self.mint(records, people[0], saved, 1)
        with pytest.raises(UnknownError), records.write() as connection:
            keeping.delete_cohort(connection, people[1], saved.id)
        with records.write() as connection:
            keeping.delete_cohort(connection, people[0], saved.id)
        with records.read() as connection:
            assert freezing.find_minted(connection, accession).images.count == 2
            digests = connection.scalars(select(cohort_lists.c.digest)).all()
            with pytest.raises(UnknownError):
                keeping.find_cohort(connection, people[0], saved.id)
        assert len(digests) == 1  # the list that nobody cites is gone
        assert self.events(records)[-1] == ("cohort:delete", {})

    def test_a_list_that_another_cohort_holds_stays(self, records, people):
        ada, berta = people
        mine, theirs = self.save(records, ada), self.save(records, berta)
        for person, cohort in ((ada, mine), (berta, theirs)):
            version, _ = self.freeze(records, person, cohort, Chosen.of(one="ab"))
        with records.write() as connection:
            keeping.delete_cohort(connection, ada, mine.id)
        with records.read() as connection:
            assert freezing.read_images(connection, version.images.digest)


class TestSqlite(OnSqlite, CohortsContract):
    pass


class TestPostgresql(OnPostgresql, CohortsContract):
    pass
