import argon2
import pytest

from bigpicture.access import authenticate as module
from bigpicture.access.authenticate import authenticate
from bigpicture.access.password import DECOY, hash_password, is_password
from bigpicture.access.throttle import FREE_ATTEMPTS, Throttle
from bigpicture.model.errors import InputError, SignInError, TooSoonError
from published import add_person


@pytest.fixture
def ada(stores):
    # A hash by the argon2 library itself, cheap on purpose.
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return add_person(stores, "ada", "researcher", password_hash=quick.hash("correct horse"))[0]


def test_the_right_password_gives_the_person(stores, ada):
    given = authenticate(stores.records, Throttle(), name=" ADA ", password="correct horse")
    assert given == ada


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("nobody", "correct horse")])
def test_a_wrong_password_and_an_unknown_name_are_told_alike(stores, ada, name, password):
    with pytest.raises(SignInError) as refused:
        authenticate(stores.records, Throttle(), name=name, password=password)
    assert refused.value.what == "the name or the password is wrong."


def test_an_unknown_name_costs_a_hash_with_the_parameters_of_a_real_one(stores, monkeypatch):
    verified = []
    monkeypatch.setattr(module, "is_password", lambda _, hashed: verified.append(hashed))
    with pytest.raises(SignInError):
        authenticate(stores.records, Throttle(), name="nobody", password="x")
    assert verified == [DECOY]
    assert not argon2.PasswordHasher().check_needs_rehash(DECOY)


def test_after_some_failures_even_the_right_password_waits(stores, ada):
    throttle = Throttle()
    for _ in range(FREE_ATTEMPTS):
        with pytest.raises(SignInError):
            authenticate(stores.records, throttle, name="ada", password="wrong")
    with pytest.raises(TooSoonError):
        authenticate(stores.records, throttle, name="ada", password="correct horse")


def test_a_hash_is_argon2id_and_fits_only_its_password():
    hashed = hash_password("a long password")
    assert hashed.startswith("$argon2id$")
    assert argon2.PasswordHasher().verify(hashed, "a long password")
    assert not is_password("another", hashed)
    assert not is_password("anything", "no hash at all")


@pytest.mark.parametrize("password", ["short", "x" * 1025])
def test_passwords_too_short_or_too_long_are_refused(password):
    with pytest.raises(InputError):
        hash_password(password)
