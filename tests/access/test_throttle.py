import pytest

from bigpicture.access.throttle import FREE_ATTEMPTS, LONGEST_WAIT, Throttle
from bigpicture.model.errors import TooSoonError


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def fail(throttle, name, times):
    for _ in range(times):
        throttle.failed(name)


def test_the_first_failures_cost_nothing():
    throttle = Throttle(Clock())
    fail(throttle, "ada", FREE_ATTEMPTS - 1)
    throttle.check("ada")


def test_then_each_failure_doubles_the_wait():
    clock = Clock()
    throttle = Throttle(clock)
    fail(throttle, "ada", FREE_ATTEMPTS)  # 1 s
    with pytest.raises(TooSoonError):
        throttle.check("ada")
    clock.now += 1.0
    throttle.check("ada")
    throttle.failed("ada")  # 2 s
    clock.now += 1.9
    with pytest.raises(TooSoonError):
        throttle.check("ada")
    clock.now += 0.1
    throttle.check("ada")


def test_nobody_is_locked_out_for_longer_than_a_minute():
    clock = Clock()
    throttle = Throttle(clock)
    fail(throttle, "ada", 500)
    clock.now += LONGEST_WAIT
    throttle.check("ada")


def test_one_name_does_not_slow_another_and_success_forgets():
    throttle = Throttle(Clock())
    fail(throttle, "ada", 50)
    throttle.check("bob")
    throttle.succeeded("ada")
    throttle.check("ada")
