"""`bigpicture init` sets a node up, once."""

from __future__ import annotations

from running import STEWARD, RunningNode


def test_it_makes_keys_tables_and_a_steward_and_leaves_what_is_there(tmp_path):
    node = RunningNode(tmp_path / "node")
    first = node.run("init", "--steward", STEWARD)
    assert STEWARD in first.stdout + first.stderr
    keys = {path.name: path.read_bytes() for path in node.settings.keys.iterdir()}
    assert keys
    node.run("init", "--steward", "another")
    assert {path.name: path.read_bytes() for path in node.settings.keys.iterdir()} == keys
    with node.start().client():  # signs the first steward in
        pass
    node.kill()
