"""The bucket: its troubles, told plainly and soon."""

from __future__ import annotations

import socket

import pytest

from bigpicture.model.errors import StorageError
from bigpicture.storage.objects import Objects


def test_a_bucket_that_does_not_exist_is_told(s3_endpoint):
    objects = Objects("s3://nowhere-at-all", endpoint=s3_endpoint)
    with pytest.raises(StorageError):
        objects.put("a", b"x")
    with pytest.raises(StorageError):
        objects.get("a")


def test_a_store_that_does_not_answer_is_told(s3_endpoint):
    with socket.socket() as taken:  # a port that is taken, and where nobody listens
        taken.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        objects = Objects("s3://bucket", endpoint=endpoint)
        with pytest.raises(StorageError, match="a: the object store failed"):
            objects.get("a")


def test_a_prefix_keeps_stores_apart(s3_url, s3_endpoint):
    one = Objects(f"{s3_url}/one", endpoint=s3_endpoint)
    two = Objects(f"{s3_url}/two", endpoint=s3_endpoint)
    one.put("a", b"1")
    two.put("a", b"2")
    assert one.get("a") == b"1"
    assert [found.key for found in two.list()] == ["a"]
