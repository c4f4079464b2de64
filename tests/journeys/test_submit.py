"""A contributor submits a folder; a visitor finds it and looks at a slide."""

from __future__ import annotations

import hashlib
import time
from io import BytesIO

import httpx
import numpy as np
import openslide
from PIL import Image

from running import PASSWORD
from small_dataset import write_dataset


def test_a_scanner_slide_reaches_the_screen_with_the_same_pixels(node, tmp_path):
    folder = write_dataset(tmp_path, side=1200)
    told = node.submit(folder, tmp_path / "site")
    assert "Published" in told.stderr + told.stdout
    with httpx.Client(base_url=node.address) as visitor:
        (card,) = visitor.get("/api/v1/datasets").json()["items"]
        assert card["title"] == "Invented livers"
        assert card["access"]["may_open"]
        (image,) = visitor.get(f"/api/v1/datasets/{card['accession']}/images").json()["items"]
        image = visitor.get(f"/api/v1/images/{image['accession']}").json()
        tile = visitor.get(image["tiles"].format(level=0, column=1, row=2))
        assert tile.headers["content-type"] == "image/jpeg"
        shown = np.asarray(Image.open(BytesIO(tile.content)).convert("RGB"), np.int16)
        with openslide.OpenSlide(folder / "IMAGES/IMAGE_image-1/slide.svs") as slide:
            source = slide.read_region((256, 512), 0, (256, 256)).convert("RGB")
        assert np.abs(shown - np.asarray(source, np.int16)).max() <= 2  # two decoders' rounding
        assert visitor.get(card["thumbnails"][0]).headers["content-type"] == "image/jpeg"


def test_what_is_kept_is_what_the_contributor_converted(shared_node, tmp_path):
    folder = write_dataset(tmp_path, alias="kept", side=700)
    shared_node.submit(folder, tmp_path / "site")
    made = sorted((tmp_path / "site" / folder.name).rglob("*.dcm"))
    from snapshot import snapshot

    objects = {digest for _, digest in snapshot(shared_node.settings)["objects"]}
    assert made
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in made} <= objects


def test_nothing_of_the_vendor_file_reaches_the_node(shared_node, tmp_path):
    """The label's name and the file's own name are in the SVS; no byte at rest has them."""
    from sqlalchemy import select

    from bigpicture.app.open import open_stores
    from bigpicture.phantom.identity import identity
    from bigpicture.storage.records.tables import objects

    folder = write_dataset(tmp_path, alias="vendor", side=700, seed=5)
    who = identity(5)
    shared_node.submit(folder, tmp_path / "site")
    stores = open_stores(shared_node.settings)
    with stores.records.read() as connection:
        keys = list(connection.scalars(select(objects.c.key)))
    planted = [str(value).encode() for value in vars(who).values() if len(str(value)) > 5]
    assert planted
    for key in keys:
        data = stores.vault.read(key)
        assert not [value for value in planted if value in data]


def test_the_same_command_again_says_that_it_is_published(shared_node, tmp_path):
    folder = write_dataset(tmp_path, alias="again", side=400)
    first = shared_node.submit(folder, tmp_path / "site")
    again = shared_node.submit(folder, tmp_path / "site")
    assert first.stderr.splitlines()[-1] == again.stderr.splitlines()[-1]
    assert "send" not in again.stderr


def test_other_contents_of_a_published_alias_are_refused(shared_node, tmp_path):
    folder = write_dataset(tmp_path, alias="changed", side=400)
    shared_node.submit(folder, tmp_path / "site")
    page = folder / "LANDING_PAGE/landing_page.xml"
    page.write_text(page.read_text().replace("University of Nowhere", "University of Elsewhere"))
    again = shared_node.submit(folder, tmp_path / "site", check=False)
    assert again.returncode == 1
    assert "never change" in again.stderr
    assert "Traceback" not in again.stderr


def test_who_may_not_submit_is_told_before_any_slide_is_converted(shared_node, tmp_path):
    folder = write_dataset(tmp_path, alias="forbidden", side=400)
    with shared_node.client() as steward:
        reader = {
            "name": "reader", "display_name": "R", "organisation": "", "roles": ["researcher"],
            "password": PASSWORD,
        }  # fmt: skip
        assert steward.post("/api/v1/people", json=reader).status_code == 201
    words = shared_node.submit_words(folder, tmp_path / "site")
    words[words.index("--user") + 1] = "reader"
    told = shared_node.run(*words, check=False)
    assert told.returncode == 1
    assert "role contributor" in " ".join(told.stderr.split())
    assert not (tmp_path / "site").exists()


def test_what_was_converted_is_removed_once_it_is_published(shared_node, tmp_path):
    folder = write_dataset(tmp_path, alias="removed", side=400)
    words = shared_node.submit_words(folder, tmp_path / "site")
    words.remove("--keep-work")
    shared_node.run(*words)
    assert not (tmp_path / "site" / folder.name).exists()
    assert (tmp_path / "site" / "pseudonym.key").exists()


def test_a_node_that_is_not_there_is_told_at_once(node, tmp_path):
    folder = write_dataset(tmp_path, side=400)
    words = node.submit_words(folder, tmp_path / "site")
    words[words.index("--node") + 1] = f"{node.address}/api"
    told = node.run(*words, check=False)
    assert "no Bigpicture node" in " ".join(told.stderr.split())
    node.stop()
    begun = time.monotonic()
    told = node.submit(folder, tmp_path / "site", check=False)
    assert told.returncode == 1
    assert "could not be reached" in told.stderr
    assert time.monotonic() - begun < 10


def test_restarting_keeps_everything_and_stops_cleanly(node, tmp_path):
    node.submit(write_dataset(tmp_path, side=400), tmp_path / "site")
    assert node.stop() == 0
    node.start()
    assert httpx.get(f"{node.address}/api/v1/datasets").json()["total"] == 1
