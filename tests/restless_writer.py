"""Publishes, changes, withdraws, submits and erases at a node until it is killed.

Whole datasets of invented records go through the transaction that the node's own last step makes:
rows, change and the index's segment. Submissions are handed over as the doors do it, and the node
itself publishes them.
"""

from __future__ import annotations

import random
import time
from itertools import count

from sqlalchemy import exists, func, select

from bigpicture.access.people import list_people
from bigpicture.app.open import open_stores
from bigpicture.catalogue.index.segments import keep_segment
from bigpicture.storage.records import tables as t
from bigpicture.submission.erase_subject import erase_subject
from invented_records import Invented, accession
from journal import Journal, settled
from small_dataset import renamed
from submitting import contents_of, sent

SET = "set-"
SENT = "sent-"
_MOST = 12
"""Datasets of invented records that are there at once."""


class Writer:
    def __init__(self, stores, journal, seed, clean):
        self.stores, self.journal, self.clean = stores, journal, clean
        self.chance = random.Random(seed)
        self.invented = Invented(stores.records, also=keep_segment)
        told = settled(journal.lines())
        self.there = [name for name, to in told.items() if to and to.startswith(SET)]
        self.numbers = count(self._next())
        with stores.records.read() as connection:
            (self.person,) = list_people(connection, limit=1)

    def _next(self):
        """The first number that no line names: also one that was begun and not done."""
        named = [each.to for each in self.journal.lines() if each.to and each.to.startswith(SET)]
        return max((int(each.removeprefix(SET)) for each in named), default=0) + 1

    def write(self):
        """First a submission, so that the node is at work too; then whatever chance says."""
        self.submit()
        while True:
            act = self.chance.random()
            if act < 0.5 and len(self.there) < _MOST:
                self.publish()
            elif act < 0.75 and self.there:
                self.change()
            elif act < 0.95 and len(self.there) > 3:
                self.withdraw()
            elif act >= 0.95:
                self.erase()
            time.sleep(self.chance.uniform(0, 0.1))  # the node and those who ask need a core too

    def publish(self):
        number = next(self.numbers)
        name = accession("dataset", number)
        self._told(name, f"{SET}{number}", lambda: self.invented.publish(number))
        self.there.append(name)

    def change(self):
        name, number = self.chance.choice(self.there), next(self.numbers)
        self._told(name, f"{SET}{number}", lambda: self.invented.republish(name, number))

    def withdraw(self):
        name = self.there.pop(self.chance.randrange(len(self.there)))
        self._told(name, None, lambda: self.invented.withdraw(name))

    def submit(self):
        """Its journal is the submission's row: once complete, the node owes its publication."""
        alias = f"{SENT}{self.chance.randrange(10**9):09}"
        contents = {
            path: renamed(data.decode(), alias).encode() if path.endswith(".xml") else data
            for path, data in self.clean.items()
        }
        sent(self.stores, self.person, contents, alias=alias)

    def erase(self):
        """Erase the only being of a dataset that was submitted."""
        open_levels = exists().where(
            t.levels.c.image == t.images.c.accession,
            t.objects.c.key == t.levels.c.object,
            t.objects.c.header.is_not(None),
        )
        query = (
            select(t.beings.c.accession, t.beings.c.dataset)
            .join(t.images, t.images.c.dataset == t.beings.c.dataset)
            .join(t.submissions, t.submissions.c.accession == t.beings.c.dataset)
            .where(open_levels)
            .order_by(func.random())
        )
        with self.stores.records.read() as connection:
            found = connection.execute(query).first()
        if found:
            being, dataset = found
            self._told(dataset, None, lambda: erase_subject(self.stores, being))

    def _told(self, name, to, act):
        self.journal.write(name, to, is_done=False)
        act()
        self.journal.write(name, to, is_done=True)


def write(settings, journal, seed, clean):
    """Do so at the node of these settings; `clean` is a dataset folder without anything raw."""
    Writer(open_stores(settings), Journal(journal), seed, contents_of(clean)).write()
