import inspect

import pytest

from bigpicture.api.problem import problem_of, status_of
from bigpicture.model import errors


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.UnknownError, 404),
        (errors.SignInError, 401),
        (errors.ForbiddenError, 403),
        (errors.ConflictError, 409),
        (errors.InputError, 422),
        (errors.MetadataError, 422),
        (errors.SlideError, 422),
        (errors.LimitError, 413),
        (errors.TooSoonError, 429),
        (errors.StorageError, 503),
        (errors.StorageFullError, 507),
        (errors.IntegrityError, 500),
        (errors.SettingsError, 500),
        (errors.SandboxError, 500),
    ],
)
def test_each_error_has_one_status(kind, status):
    assert status_of(kind("x")) == status


def test_every_error_of_the_tree_is_looked_at_here():
    tree = {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.BigpictureError)
    }
    assert all(400 <= status_of(kind("x")) < 600 for kind in tree)


def test_what_the_reader_can_mend_is_told_whole():
    problem = problem_of(errors.InputError("bad.", place="p", rule="r", remedy="m"))
    assert problem.model_dump(exclude_none=True) == {
        "type": "about:blank",
        "title": "Wrong input",
        "status": 422,
        "detail": "bad.",
        "place": "p",
        "rule": "r",
        "remedy": "m",
    }


@pytest.mark.parametrize(
    "error",
    [
        errors.StorageError("cannot open /var/data", place="postgresql://user@host"),
        errors.IntegrityError("object 1234 is torn", place="/var/data"),
        ValueError("SELECT * FROM people"),
        KeyError("password"),
    ],
)
def test_what_is_our_fault_says_nothing_of_our_inside(error):
    told = problem_of(error).model_dump_json()
    for word in ("/var", "postgresql", "1234", "SELECT", "password"):
        assert word not in told
