"""The key store holds to its contract on a local disk and on S3."""

from __future__ import annotations

import pytest

from bigpicture.storage.objects import Objects
from contracts.key_store import KeyStoreContract


class TestDisk(KeyStoreContract):
    @pytest.fixture
    def objects(self, tmp_path):
        return Objects(tmp_path.as_uri())


class TestS3(KeyStoreContract):
    @pytest.fixture
    def objects(self, s3_url, s3_endpoint):
        return Objects(s3_url, endpoint=s3_endpoint)
