"""A researcher saves a question, freezes and splits it, and takes its images away."""

from __future__ import annotations

import json

from small_dataset import write_dataset


def test_from_a_question_to_the_images_on_disk(node, tmp_path):
    node.submit(write_dataset(tmp_path, side=500), tmp_path / "site")
    more = ("--node", node.address, "--user", "steward")
    node.run("cohort", "save", "All slides", "mpp>0", *more)
    frozen = json.loads(node.run("cohort", "freeze", "All slides", "--json", *more).stdout)
    assert frozen["images"] == "1"
    halves = ("--parts", "train:0.5,test:0.5")
    told = node.run("cohort", "split", "All slides", *halves, "--to", tmp_path / "parts", *more)
    assert "empty" in told.stdout  # one image has no two halves
    [manifest] = (tmp_path / "parts").iterdir()
    open_to_all = ("--node", node.address)
    node.run("download", manifest, "--to", tmp_path / "by-list", *open_to_all)
    accession = node.run("cohort", "accession", "All slides", *more).stdout.split()[0]
    node.run("download", accession, "--to", tmp_path / "by-accession", *open_to_all)
    by_list, by_accession = (
        {
            path.relative_to(tmp_path / name).as_posix(): path.read_bytes()
            for path in (tmp_path / name).rglob("*.dcm")
        }
        for name in ("by-list", "by-accession")
    )
    assert by_list
    assert by_list == by_accession
    told = node.run("download", "bb-cohort-nnnnnn-nnnnnn", *open_to_all, check=False)
    assert "no cohort of this accession" in told.stderr
    exported = tmp_path / "crate.zip"
    node.run("cohort", "export", "All slides", "--form", "ro-crate", "--to", exported, *more)
    assert exported.stat().st_size > 500
