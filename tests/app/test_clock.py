from datetime import UTC, datetime, timedelta

from bigpicture.app.clock import Clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Hands:
    """A wall clock and a stopwatch."""

    def __init__(self):
        self.wall, self.passed = NOON, 0.0

    def go(self, by=MINUTE, jump=timedelta()):
        self.wall += by + jump
        self.passed += by.total_seconds()


def made(stores, *acts):
    hands = Hands()
    clock = Clock(stores.records, acts, now=lambda: hands.wall, elapsed=lambda: hands.passed)
    return hands, clock


def test_each_round_hands_the_moment_to_every_act(stores):
    seen = []
    hands, clock = made(stores, lambda _, now: seen.append(now), lambda _, now: seen.append(now))
    clock.tick()
    hands.go()
    clock.tick()
    assert seen == [NOON, NOON, NOON + MINUTE, NOON + MINUTE]


def test_an_act_that_fails_holds_up_no_other(stores):
    seen = []

    def fail(_, now):
        raise RuntimeError("an invented fault")

    _, clock = made(stores, fail, lambda _, now: seen.append(now))
    clock.tick()
    assert seen == [NOON]


def test_the_round_after_the_clock_was_set_does_nothing(stores):
    seen = []
    hands, clock = made(stores, lambda _, now: seen.append(now))
    clock.tick()
    hands.go(jump=timedelta(days=3000))
    clock.tick()
    assert seen == [NOON]
    hands.go(jump=timedelta(days=-3000))  # put right within a minute
    clock.tick()
    hands.go()
    clock.tick()
    assert seen == [NOON, NOON + 3 * MINUTE]


def test_a_clock_that_stays_where_it_was_set_is_believed(stores):
    seen = []
    hands, clock = made(stores, lambda _, now: seen.append(now))
    clock.tick()
    hands.go(jump=timedelta(days=1))
    clock.tick()
    hands.go()
    clock.tick()
    assert seen == [NOON, NOON + 2 * MINUTE + timedelta(days=1)]


def test_it_starts_and_stops(stores):
    seen = []
    clock = Clock(stores.records, [lambda _, now: (seen.append(now), clock._over.set())])
    clock.start()
    clock._thread.join(10)
    clock.stop()
    assert len(seen) == 1
