"""Staging folders: made, swept and moved by several at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bigpicture.submission.staging import PREFIX, move, staging_beside, write_file


def test_many_at_once_keep_their_folders_though_each_sweeps(tmp_path):
    def fill(number):
        folder = tmp_path / f"slide-{number}"
        with staging_beside(folder) as staging:
            write_file(staging / "level.dcm", b"tiles")
            move(staging, folder)
        return (folder / "level.dcm").read_bytes()

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(fill, range(400))) == {b"tiles"}
    assert not list(tmp_path.glob(f"{PREFIX}*"))


def test_what_a_killed_run_left_is_swept_and_what_is_in_use_stays(tmp_path):
    left = tmp_path / f"{PREFIX}0123456789abcdef"
    left.mkdir()
    (left / "half.dcm").write_bytes(b"half")
    with staging_beside(tmp_path / "one") as one, staging_beside(tmp_path / "two") as two:
        assert one.is_dir()
        assert two.is_dir()
        assert not left.exists()
