"""Sealed objects hold to their contract on a local disk and on S3."""

from __future__ import annotations

import pytest

from bigpicture.storage.objects import Objects
from contracts.sealed import SealedObjectsContract


class TestDisk(SealedObjectsContract):
    @pytest.fixture
    def objects(self, tmp_path):
        return Objects(tmp_path.as_uri())


class TestS3(SealedObjectsContract):
    @pytest.fixture
    def objects(self, s3_url, s3_endpoint):
        return Objects(s3_url, endpoint=s3_endpoint)
