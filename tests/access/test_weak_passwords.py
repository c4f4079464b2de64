"""Which passwords are too easy to guess; the common ones are of a published list."""

import pytest

from bigpicture.access.weak_passwords import refuse_weak
from bigpicture.model.errors import InputError

WORDS = ("Ada Lovelace", "Hôpital Général")


@pytest.mark.parametrize(
    "password", ["password", "PassWord", " 123456789", "1q2w3e4r5t", "football1"]
)
def test_common_ones_are_refused_however_they_are_written(password):
    with pytest.raises(InputError, match="most common"):
        refuse_weak(password)


@pytest.mark.parametrize(
    "password", ["lovelace1843", "ADA.lovelace", "hôpital-2026", "bigpicture-x1", "généralgénéral"]
)
def test_names_that_others_know_are_refused(password):
    with pytest.raises(InputError, match="name"):
        refuse_weak(password, WORDS)


@pytest.mark.parametrize(
    "password",
    ["a long enough password", "lovelace likes tea", "49327508237450", "ab", "Ångström*Ångström"],
)
def test_others_are_let_pass(password):
    refuse_weak(password, WORDS)
