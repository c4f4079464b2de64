"""`bigpicture site`, as the keeper of a key meets it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import stat
import subprocess

import pytest
from typer.testing import CliRunner

import by_hand
from bigpicture.cli import build
from bigpicture.deidentify.key_file import read_key
from bigpicture.model.errors import ConflictError, InputError, SettingsError, UnknownError
from places import shared
from preloaded import ran

SMALL = "testdata/wsi_svs/openslide__small.svs"
PASSPHRASE = "otter violin cement"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command with a key of its own; an error is raised as the program tells it."""
    monkeypatch.setenv("BIGPICTURE_PASSPHRASE", PASSPHRASE)

    def site(*words, key="site.key", typed="", fails=None):
        arguments = ["site", *map(str, words), "--key", str(tmp_path / key)]
        result = CliRunner().invoke(build("site"), arguments, input=typed)
        if fails is None:
            assert result.exit_code == 0, (result.output, result.exception)
        else:
            assert isinstance(result.exception, fails), (result.output, result.exception)
            return str(result.exception)
        return result.stdout

    return site


def program(*words, typed="", **variables):
    """The real program, in a process of its own."""
    return ran(*words, typed=typed, env={**os.environ, **variables})


def secret_of(tmp_path, key="site.key"):
    return read_key(tmp_path / key).secret


def letters_of(secret):
    return base64.b32encode(secret).decode().rstrip("=")


def test_a_key_is_made_and_its_fingerprint_told_and_never_the_secret(run, tmp_path):
    shown = run("init", "--name", "Klinik Nirgendwo") + run("show") + run("show", "--json")
    assert stat.S_IMODE((tmp_path / "site.key").stat().st_mode) == 0o600
    told = json.loads(run("show", "--json"))
    assert told["fingerprint"] in shown
    assert told["name"] == "Klinik Nirgendwo"
    assert told["place"] == str(tmp_path / "site.key")
    secret = secret_of(tmp_path)
    for form in (letters_of(secret), secret.hex(), base64.b64encode(secret).decode()):
        assert form not in shown
    for word in ("Back it up", "never", "fingerprint"):
        assert word in shown


def test_a_key_is_never_written_over(run, tmp_path):
    run("init")
    before = secret_of(tmp_path)
    assert "rotate" in run("init", fails=ConflictError)
    assert secret_of(tmp_path) == before


@pytest.mark.parametrize("name", ["x" * 65, "two\nlines", "\u202egpj"])
def test_a_name_is_one_short_line(run, tmp_path, name):
    run("init", "--name", name, fails=InputError)
    assert not (tmp_path / "site.key").exists()


def test_without_a_key_it_says_how_to_get_one(run):
    for words in (["show"], ["backup", "--paper"], ["rotate", "--yes"], ["destroy", "A" * 32],
                  ["pseudonym", "case", "1"]):  # fmt: skip
        assert "site init" in run(*words, fails=SettingsError)


def test_a_sealed_backup_is_restored_on_another_machine(run, tmp_path):
    run("init", "--name", "Klinik")
    run("backup", tmp_path / "backup.json")
    assert stat.S_IMODE((tmp_path / "backup.json").stat().st_mode) == 0o600
    assert letters_of(secret_of(tmp_path)) not in (tmp_path / "backup.json").read_text()
    run("restore", tmp_path / "backup.json", key="other/site.key")
    assert secret_of(tmp_path, "other/site.key") == secret_of(tmp_path)
    assert json.loads(run("show", "--json", key="other/site.key"))["name"] == "Klinik"


def test_a_backup_is_never_written_over_and_needs_a_good_passphrase(run, tmp_path, monkeypatch):
    run("init")
    (tmp_path / "there").write_text("x")
    run("backup", tmp_path / "there", fails=ConflictError)
    run("backup", fails=InputError)
    run("backup", tmp_path / "b", "--paper", fails=InputError)
    monkeypatch.setenv("BIGPICTURE_PASSPHRASE", "short")
    run("backup", tmp_path / "b", fails=InputError)
    monkeypatch.delenv("BIGPICTURE_PASSPHRASE")
    assert "BIGPICTURE_PASSPHRASE" in run("backup", tmp_path / "b", fails=InputError)
    assert not (tmp_path / "b").exists()


def test_a_wrong_passphrase_restores_nothing(run, tmp_path, monkeypatch):
    run("init")
    run("backup", tmp_path / "backup.json")
    monkeypatch.setenv("BIGPICTURE_PASSPHRASE", PASSPHRASE[:-1])
    run("restore", tmp_path / "backup.json", key="other", fails=InputError)
    (tmp_path / "cut").write_bytes((tmp_path / "backup.json").read_bytes()[:-20])
    run("restore", tmp_path / "cut", key="other", fails=InputError)
    run("restore", tmp_path / "none", key="other", fails=InputError)
    assert not (tmp_path / "other").exists()


def test_paper_is_typed_back(run, tmp_path):
    run("init", "--name", "Klinik")
    paper = run("backup", "--paper")
    assert letters_of(secret_of(tmp_path))[:4] in paper
    run("restore", "-", key="other", typed=paper.lower())
    assert secret_of(tmp_path, "other") == secret_of(tmp_path)
    wrong = paper.replace("\n2: ", "\n2: AAAA-")
    assert "line 2" in run("restore", "-", key="third", typed=wrong, fails=InputError)
    assert not (tmp_path / "third").exists()


def test_a_key_that_is_there_is_not_replaced_by_a_backup(run, tmp_path):
    run("init")
    paper = run("backup", "--paper")
    run("restore", "-", typed=paper)  # the same: well
    run("init", key="other")
    before = secret_of(tmp_path, "other")
    run("restore", "-", key="other", typed=paper, fails=ConflictError)
    assert secret_of(tmp_path, "other") == before


def test_rotation_asks_and_keeps_the_old_key(run, tmp_path):
    run("init")
    old = json.loads(run("show", "--json"))["fingerprint"]
    before = run("pseudonym", "patient", "S-1")
    assert "--yes" in run("rotate", fails=InputError)
    shown = run("rotate", "--yes")
    assert "other pseudonyms" in " ".join(shown.replace("│", "").split())
    told = json.loads(run("show", "--json"))
    assert told["fingerprint"] != old
    assert [each["fingerprint"] for each in told["earlier"]] == [old]
    assert run("pseudonym", "patient", "S-1") != before
    assert run("pseudonym", "patient", "S-1", key=f"site-{old}.key") == before


def test_destruction_needs_the_fingerprint_and_says_what_it_means(run, tmp_path):
    run("init")
    name = json.loads(run("show", "--json"))["fingerprint"]
    secret = secret_of(tmp_path)
    run("destroy", fails=InputError)
    run("destroy", "A" * 32, fails=UnknownError)
    run("destroy", name[:-1], fails=InputError)
    assert secret_of(tmp_path) == secret
    shown = " ".join(run("destroy", name.lower()).replace("│", "").split())
    assert "does not mean that the slides are anonymous" in shown
    assert "the tissue itself" in shown
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["image", "patient", "case", "specimen", "block", "slide"])
def test_a_pseudonym_is_worked_out_by_hand(run, tmp_path, kind):
    run("init")
    secret = secret_of(tmp_path)
    assert run("pseudonym", kind, "S-1").strip() == by_hand.name(secret, kind, "S-1")
    entity = "being" if kind == "patient" else kind
    told = json.loads(run("pseudonym", kind, "S-1", "--dataset", "d", "--json"))
    expected = by_hand.name(secret, entity, "d/S-1")
    assert told == [{"kind": kind, "value": "S-1", "pseudonym": expected}]


def test_many_are_read_from_the_input_and_told_as_csv(run, tmp_path):
    run("init")
    secret = secret_of(tmp_path)
    first, second = (by_hand.name(secret, "device", each) for each in ("SS1", "a,b"))
    told = run("pseudonym", "device", "-", typed="SS1 \n\na,b\n")
    assert told == f'value,pseudonym\nSS1,{first}\n"a,b",{second}\n'


def test_the_same_key_gives_the_same_on_another_day_and_machine(run, tmp_path):
    """Another home, zone, language and order of hashes: what differs from machine to machine."""
    run("init")
    words = ["site", "pseudonym", "case", "Ä-1", "--key", tmp_path / "site.key"]
    one = program(*words, TZ="Pacific/Kiritimati", LC_ALL="C", PYTHONHASHSEED="1")
    other = program(
        *words, TZ="America/Adak", LC_ALL="C.UTF-8", PYTHONHASHSEED="2", HOME=str(tmp_path)
    )
    assert one.returncode == 0, one.stderr
    assert one.stdout == other.stdout
    assert one.stdout.strip() == by_hand.name(secret_of(tmp_path), "case", "Ä-1")


def test_a_report_is_checked_by_who_has_only_the_public_key(tmp_path):
    """The whole way, with the real program: a key, a slide, the public key, two who check."""
    here = {"XDG_CONFIG_HOME": str(tmp_path / "site")}
    made = program(
        "convert", shared(SMALL), "--out", tmp_path / "out", "--dates", "shifted", "--json", **here
    )
    assert made.returncode == 0, made.stderr
    assert "A key was made for this site" in made.stderr
    (folder,) = (tmp_path / "out").iterdir()
    public = program("site", "show", "--public", **here)
    (tmp_path / "site.pub").write_text(public.stdout)
    name = public.stdout.split()[0]
    assert name in made.stderr
    assert json.loads((folder / "report.json").read_text())["site"] == name

    elsewhere = {"XDG_CONFIG_HOME": str(tmp_path / "steward")}
    checked = program("slide", "verify", folder, "--site", tmp_path / "site.pub", **elsewhere)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert name in checked.stdout
    assert not (tmp_path / "steward").exists()  # who checks needs no key and gets none
    if shutil.which("ssh-keygen"):
        words = ["-f", tmp_path / "site.pub", "-I", name, "-n", "bigpicture-report"]
        signature = folder / "report.json.sig"
        checked = subprocess.run(
            ["ssh-keygen", "-Y", "verify", *words, "-s", signature],
            input=(folder / "report.json").read_bytes(), capture_output=True, check=False,
        )  # fmt: skip
        assert checked.returncode == 0, checked.stderr


def test_the_program_tells_an_error_in_one_line(tmp_path):
    told = program("site", "show", "--key", tmp_path / "none")
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert "bigpicture site init" in " ".join(told.stderr.split())
