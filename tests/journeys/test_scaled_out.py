"""The whole way on PostgreSQL and S3, with two web processes and a worker beside them."""

from __future__ import annotations

import httpx
import pytest

from small_dataset import write_dataset


@pytest.mark.long
def test_the_way_through_on_postgresql_and_s3(
    make_node, make_postgresql_url, s3_url, s3_endpoint, tmp_path
):
    database = make_postgresql_url(is_empty=True).replace("postgresql+psycopg", "postgresql")
    node = make_node(
        database_url=database,
        object_store=s3_url,
        object_store_endpoint=s3_endpoint,
        workers="2",
    )
    told = node.submit(write_dataset(tmp_path, side=700), tmp_path / "site")
    assert "Published" in told.stderr
    with httpx.Client(base_url=node.address) as visitor:
        (card,) = visitor.get("/api/v1/datasets").json()["items"]
        (image,) = visitor.get(f"/api/v1/datasets/{card['accession']}/images").json()["items"]
        tiles = visitor.get(f"/api/v1/images/{image['accession']}").json()["tiles"]
        for _ in range(8):  # both web processes answer sooner or later
            with httpx.Client(base_url=node.address) as fresh:
                answer = fresh.get(tiles.format(level=0, column=0, row=0))
            assert answer.status_code == 200
            assert answer.content.startswith(b"\xff\xd8")
    assert not (node.data / "objects").exists()
    assert not (node.data / "records.sqlite").exists()
    node.stop()
