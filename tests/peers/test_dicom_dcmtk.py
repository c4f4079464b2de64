"""dcmtk parses converted slides without a word, and decodes them where it has the codec."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pydicom
import pytest

from slides_of_every_format import EVERY_CASE, JPEG, JPEG_LS, NATIVE

pytestmark = pytest.mark.skipif(
    shutil.which("dcmdump") is None, reason="needs dcmtk (Debian package dcmtk), not installed"
)

PROGRAMS = {NATIVE: "dcmconv", JPEG: "dcmdjpeg", JPEG_LS: "dcmdjpls"}


def _run(*command) -> subprocess.CompletedProcess:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@EVERY_CASE
def test_dcmdump_reads_every_element(case, converted):
    for instance in converted(case).conversion.instances:
        done = _run("dcmdump", "--convert-to-utf8", instance.path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "VLWholeSlideMicroscopyImage" in done.stdout
        assert _run("dcmftest", instance.path).stdout.startswith("yes:")


@EVERY_CASE
def test_frames_decode_to_the_samples_we_read(case, converted, tmp_path):
    slide = converted(case)
    if not case.is_decoded_by_dcmtk:
        done = _run("dcmdjpeg", slide.finest, tmp_path / "plain.dcm")
        assert "Pixel representation cannot be changed" in done.stderr
        return
    done = _run(PROGRAMS[case.syntax], slide.finest, tmp_path / "plain.dcm")
    assert (done.returncode, done.stderr) == (0, "")
    plain = pydicom.dcmread(tmp_path / "plain.dcm")
    assert str(plain.file_meta.TransferSyntaxUID) == NATIVE
    kind = np.uint8 if case.stack.bits == 8 else np.dtype("<u2")
    frames = np.frombuffer(plain.PixelData, kind)[: _values(plain)]
    frames = frames.reshape(int(plain.NumberOfFrames), *slide.frame(0).shape)
    for index in (0, -1):
        difference = np.abs(frames[index].astype(int) - slide.frame(index))
        # Its decoder is another one, and smooths subsampled chroma in another way.
        assert difference.max() == 0 if case.syntax != JPEG else difference.mean() < 1


def _values(plain) -> int:
    return int(plain.NumberOfFrames) * plain.Rows * plain.Columns * plain.SamplesPerPixel
