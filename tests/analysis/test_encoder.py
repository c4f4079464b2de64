"""Encoders: what they state is kept to, and what does not fit is refused."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pytest

from bigpicture.analysis.embed import embed
from bigpicture.analysis.encoder import normalised, vectors_of
from bigpicture.analysis.encoder_file import read_encoder_file
from bigpicture.analysis.encoder_statistics import FACTS, StatisticsEncoder
from bigpicture.analysis.find_encoder import find_encoder
from bigpicture.analysis.foundation import FOUNDATION
from bigpicture.dicom.reader import ArraySlide
from bigpicture.model.encoder import EncoderFacts, Normalisation
from bigpicture.model.errors import AlgorithmError, FailureReason, InputError, UnknownError

PATCHES = np.random.default_rng(0).integers(0, 256, (3, 224, 224, 3), np.uint8)
TOML = """
name = "org.example.net"
version = "1.0.0"
licence = "Apache-2.0"
mpp = 0.5
size = 64
width = 8
normalisation = { mean = [0.5, 0.4, 0.3], std = [0.2, 0.2, 0.1] }
weights = { path = "net.onnx", sha256 = "SHA" }
"""


def facts(**changed):
    told = {
        "name": "org.example.net",
        "version": "1.0.0",
        "licence": "MIT",
        "mpp": 0.5,
        "size": 64,
        "width": 8,
        "normalisation": Normalisation((0.5, 0.4, 0.3), (0.2, 0.2, 0.1)),
    }
    return EncoderFacts(**{**told, **changed})


class Made:
    """An encoder that gives what it is told to give."""

    def __init__(self, given, told=None):
        self.facts = told or facts()
        self._given = given

    def encode(self, patches):
        return self._given


def test_statistics_tell_colours_and_grain_apart_and_nothing_else():
    encoder = StatisticsEncoder()
    vectors = vectors_of(encoder, PATCHES)
    assert vectors.shape == (3, FACTS.width)
    assert (vectors == vectors_of(encoder, PATCHES)).all()
    white, pink = (
        np.full((1, 224, 224, 3), rgb, np.uint8) for rgb in ((255,) * 3, (230, 150, 190))
    )
    smooth = np.repeat(np.repeat(PATCHES[:1, ::8, ::8], 8, 1), 8, 2)
    distances = [
        np.abs(vectors_of(encoder, one) - vectors_of(encoder, other)).max()
        for one, other in ((white, pink), (PATCHES[:1], smooth))
    ]
    assert min(distances) > 0.3


def test_mean_density_by_hand():
    """Red 127 is -ln(128/256) = ln 2 of optical density; the first number is its mean."""
    patch = np.full((1, 224, 224, 3), 127, np.uint8)
    assert StatisticsEncoder().encode(patch)[0, 0] == pytest.approx(np.log(2), abs=1e-6)


def test_normalisation_by_hand():
    patch = np.full((1, 64, 64, 3), (255, 102, 51), np.uint8)
    planes = normalised(patch, facts())
    assert planes.shape == (1, 3, 64, 64)
    assert planes[0, :, 0, 0] == pytest.approx([2.5, 0.0, -1.0], abs=1e-6)
    assert normalised(patch, facts(normalisation=None))[0, 1, 5, 5] == 102


@pytest.mark.parametrize(
    "changed",
    [
        {"mpp": 0.0},
        {"size": 4},
        {"licence": " "},
        {"name": "A B"},
        {"weights": "abc"},
        {"normalisation": Normalisation((0.5, 0.4, 0.3), (0.2, 0.0, 0.1))},
        {"normalisation": Normalisation((123.0, 117.0, 104.0), (58.0, 57.0, 57.0))},
    ],
)
def test_facts_that_are_none(changed):
    with pytest.raises(InputError):
        facts(**changed)


@pytest.mark.parametrize(
    "changed",
    [{"mpp": 0.25}, {"normalisation": None}, {"weights": "0" * 64}, {"version": "2"}],
)
def test_whatever_decides_its_vectors_is_in_its_identity(changed):
    assert facts(**changed).identity != facts().identity
    assert facts(licence="BSD-3-Clause").identity == facts().identity


@pytest.mark.parametrize(
    "given",
    [
        np.zeros((3, 7), np.float32),
        np.zeros((2, 8), np.float32),
        np.zeros((3, 8), np.float64),
        np.full((3, 8), np.nan, np.float32),
    ],
)
def test_vectors_that_are_none(given):
    with pytest.raises(AlgorithmError) as refused:
        vectors_of(Made(given), np.zeros((3, 64, 64, 3), np.uint8))
    assert refused.value.reason is FailureReason.BAD_OUTPUT


def test_patches_of_another_size_are_refused():
    with pytest.raises(AlgorithmError) as refused:
        vectors_of(Made(np.zeros((3, 8), np.float32)), PATCHES)
    assert refused.value.reason is FailureReason.WRONG_MPP


@pytest.mark.parametrize(
    ("mpp", "plan", "reason"),
    [
        (None, {}, FailureReason.NO_MPP),
        (1.0, {}, FailureReason.WRONG_MPP),
        (0.5, {"mpp": 0.51}, FailureReason.WRONG_MPP),
        (0.5, {"size": 256}, FailureReason.WRONG_MPP),
    ],
)
def test_a_slide_or_a_plan_of_another_scale(mpp, plan, reason):
    slide = ArraySlide(np.zeros((300, 300, 3), np.uint8), mpp=mpp)
    with pytest.raises(AlgorithmError) as refused:
        embed(slide, StatisticsEncoder(), np.array([[0, 0]]), **plan)
    assert refused.value.reason is reason


def test_a_slide_is_embedded_patch_by_patch():
    pixels = np.random.default_rng(1).integers(0, 256, (400, 500, 3), np.uint8)
    places = np.array([[0, 0], [224, 100], [30, 7]])
    found = embed(
        ArraySlide(pixels, mpp=0.5), StatisticsEncoder(), places, mpp=0.502, size=224, batch=2
    )
    cut = np.stack([pixels[y : y + 224, x : x + 224] for x, y in places])
    assert (found.vectors == StatisticsEncoder().encode(cut)).all()
    assert (found.coordinates == places).all()
    assert (found.mpp, found.size, found.encoder) == (0.5, 224, FACTS.identity)


def test_nothing_to_embed():
    slide = ArraySlide(np.zeros((300, 300, 3), np.uint8), mpp=0.5)
    assert embed(slide, StatisticsEncoder(), np.zeros((0, 2), int)).vectors.shape == (0, 75)


def test_a_file_states_it_all(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text(TOML.replace("SHA", "0" * 64), encoding="utf-8")
    told, file = read_encoder_file(path)
    assert told == facts(licence="Apache-2.0", weights="0" * 64)
    assert file == tmp_path / "net.onnx"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("normalisation =", "# "),
        ("mpp = 0.5", ""),
        ("mpp = 0.5", 'mpp = "half"'),
        ("size = 64", "size = 64\nmagnification = 20"),
        ("net.onnx", "../net.onnx"),
        ("weights =", "# "),
        ("[0.2, 0.2, 0.1]", "[0.2, 0.2]"),
        ('name = "', "name = "),
    ],
)
def test_a_file_that_leaves_something_open(tmp_path, old, new):
    path = tmp_path / "net.toml"
    path.write_text(TOML.replace("SHA", "0" * 64).replace(old, new), encoding="utf-8")
    with pytest.raises(InputError):
        read_encoder_file(path)


@pytest.mark.parametrize("model", FOUNDATION, ids=lambda model: model.name)
def test_a_foundation_model_says_where_its_weights_and_terms_are(model):
    with pytest.raises(AlgorithmError) as refused:
        find_encoder(model.name)
    assert refused.value.reason is FailureReason.WRONG_WEIGHTS
    assert model.address.startswith("https://")
    assert model.address in str(refused.value)
    assert model.licence in str(refused.value)
    assert model.weights == ""


def test_an_unknown_encoder():
    with pytest.raises(UnknownError):
        find_encoder("nobody")


@pytest.fixture(scope="module")
def onnx_net(tmp_path_factory):
    """A random net, as torch has it and as an ONNX file with its TOML."""
    torch = pytest.importorskip("torch", reason="needs the extra `ai`")
    pytest.importorskip("onnx", reason="torch exports with onnx")
    pytest.importorskip("onnxruntime", reason="needs the extra `ai`")
    folder = tmp_path_factory.mktemp("onnx")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = torch.nn.Sequential(
            torch.nn.Conv2d(3, 16, 7, 2, 3),
            torch.nn.BatchNorm2d(16),
            torch.nn.GELU(),
            torch.nn.Conv2d(16, 32, 3, 2),
            torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool2d(1),
            torch.nn.Flatten(),
            torch.nn.LayerNorm(32),
            torch.nn.Linear(32, 8),
        ).eval()
    with pytest.warns(DeprecationWarning, match="legacy"):
        torch.onnx.export(
            net,
            (torch.zeros(2, 3, 64, 64),),
            str(folder / "net.onnx"),
            dynamo=False,
            input_names=["x"],
            output_names=["y"],
            dynamic_axes={"x": {0: "n"}, "y": {0: "n"}},
        )
    digest = hashlib.sha256((folder / "net.onnx").read_bytes()).hexdigest()
    (folder / "net.toml").write_text(TOML.replace("SHA", digest), encoding="utf-8")
    return net, folder


def test_onnx_runtime_gives_what_torch_gives(onnx_net):
    import torch

    net, folder = onnx_net
    encoder = find_encoder(folder / "net.toml")
    patches = np.random.default_rng(2).integers(0, 256, (5, 64, 64, 3), np.uint8)
    with torch.inference_mode():
        theirs = net(torch.from_numpy(normalised(patches, encoder.facts))).numpy()
    assert np.abs(vectors_of(encoder, patches) - theirs).max() <= 1e-5
    assert vectors_of(encoder, patches[:0]).shape == (0, 8)


@pytest.mark.parametrize(
    ("pattern", "new"),
    [(r"width = \d+", "width = 9"), (r"size = \d+", "size = 96"), (r"[0-9a-f]{64}", "0" * 64)],
)
def test_an_onnx_file_that_is_not_what_it_states(onnx_net, tmp_path, pattern, new):
    _, folder = onnx_net
    (tmp_path / "net.onnx").write_bytes((folder / "net.onnx").read_bytes())
    text = (folder / "net.toml").read_text(encoding="utf-8")
    (tmp_path / "net.toml").write_text(re.sub(pattern, new, text), encoding="utf-8")
    with pytest.raises(AlgorithmError) as refused:
        find_encoder(tmp_path / "net.toml")
    assert refused.value.reason is FailureReason.WRONG_WEIGHTS


def test_bytes_that_are_no_onnx(onnx_net, tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"no graph")
    digest = hashlib.sha256(b"no graph").hexdigest()
    (tmp_path / "net.toml").write_text(TOML.replace("SHA", digest), encoding="utf-8")
    with pytest.raises(AlgorithmError, match="no model"):
        find_encoder(tmp_path / "net.toml")


def test_a_fetched_foundation_model_is_known_by_its_file(onnx_net):
    """A file that is not UNI is refused by its shapes, not run as UNI."""
    _, folder = onnx_net
    with pytest.raises(AlgorithmError, match="it takes"):
        find_encoder("uni", weights=folder / "net.onnx")
