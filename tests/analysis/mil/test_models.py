"""Each model against its paper's equation, worked out anew in numpy or by hand."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra `ai`")

from bigpicture.analysis.mil.abmil import Abmil  # noqa: E402 - needs torch
from bigpicture.analysis.mil.clam import ClamSb, smooth_svm  # noqa: E402
from bigpicture.analysis.mil.mean_pool import MeanPool  # noqa: E402
from bigpicture.analysis.mil.models import MODELS, make_model  # noqa: E402
from bigpicture.analysis.mil.nystrom import (  # noqa: E402
    NystromAttention,
    kernels,
    pseudo_inverse,
)
from bigpicture.analysis.mil.transmil import TransMil  # noqa: E402
from bigpicture.model.errors import InputError  # noqa: E402


def softmax(values, axis=-1):
    raised = np.exp(values - values.max(axis, keepdims=True))
    return raised / raised.sum(axis, keepdims=True)


def numbers(layer):
    return layer.weight.detach().numpy(), layer.bias.detach().numpy()


def test_abmil_is_equation_9():
    torch.manual_seed(0)
    model = Abmil(6, 3, hidden=5, attention=4).eval()
    bag = np.random.default_rng(0).normal(size=(7, 6)).astype(np.float32)
    weight, bias = numbers(model.embed[0])
    h = np.maximum(bag @ weight.T + bias, 0)
    (v, v0), (u, u0), (w, w0) = map(
        numbers, (model.attend.value, model.attend.gate, model.attend.score)
    )
    gate = 1 / (1 + np.exp(-(h @ u.T + u0)))
    attention = softmax(((np.tanh(h @ v.T + v0) * gate) @ w.T + w0)[:, 0])
    weight, bias = numbers(model.classify)
    logits, found = model(torch.from_numpy(bag))
    assert found.detach().numpy() == pytest.approx(attention, abs=1e-6)
    assert logits.detach().numpy() == pytest.approx(attention @ h @ weight.T + bias, abs=1e-5)


def test_mean_pool_by_hand():
    model = MeanPool(2, 2)
    with torch.no_grad():
        model.classify.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 2.0]]))
        model.classify.bias.zero_()
    logits, attention = model(torch.tensor([[1.0, 1.0], [3.0, 5.0]]))
    assert logits.tolist() == [2.0, 6.0]
    assert attention.tolist() == [0.5, 0.5]


def test_smooth_svm_by_hand():
    """Scores 2 and 1: right, ln(e^0 + e^(1 + 1 - 2)) = ln 2; wrong, ln(1 + e^(1 + 2 - 1))."""
    scores = torch.tensor([[2.0, 1.0]])
    assert smooth_svm(scores, torch.tensor([0])).item() == pytest.approx(np.log(2))
    assert smooth_svm(scores, torch.tensor([1])).item() == pytest.approx(np.log(1 + np.exp(2)))


def test_clam_weighs_the_loss_of_patches():
    torch.manual_seed(0)
    model, bag = ClamSb(6, 2, hidden=8, attention=4, dropout=0.0), torch.randn(30, 6)
    own = torch.nn.functional.cross_entropy(model(bag)[0][None], torch.tensor([1]))
    model.bag_weight = 1.0
    assert model.loss(bag, torch.tensor(1)).item() == pytest.approx(own.item())
    model.bag_weight = 0.0
    model.loss(bag, torch.tensor(1)).backward()
    assert model.judge[1].weight.grad is not None
    assert model.judge[0].weight.grad is None
    assert model.loss(bag[:1], torch.tensor(1)).isfinite()


def test_as_many_landmarks_as_patches_is_plain_attention():
    """A A+ A = A: with a landmark for each patch, Nyström is softmax attention."""
    torch.manual_seed(0)
    query, key = (
        torch.randn(2, 9, 4, dtype=torch.float64),
        torch.randn(2, 9, 4, dtype=torch.float64),
    )
    left, middle, right = kernels(query, key, 9)
    plain = softmax((query @ key.transpose(1, 2)).numpy())
    found = (left @ pseudo_inverse(middle, 60) @ right).numpy()
    assert found == pytest.approx(plain, abs=1e-6)


def test_landmarks_are_means_of_segments():
    key = torch.arange(6.0).reshape(1, 6, 1)
    left, _, right = kernels(torch.ones(1, 6, 1), key, 3)
    assert left[0, 0].numpy() == pytest.approx(softmax(np.array([0.5, 2.5, 4.5])))
    assert right.shape == (1, 3, 6)


def test_the_inverse_is_moore_and_penroses():
    matrix = softmax(np.random.default_rng(0).normal(size=(1, 6, 6)) * 2)
    found = pseudo_inverse(torch.from_numpy(matrix), 40).numpy()
    assert found == pytest.approx(np.linalg.pinv(matrix), abs=1e-6)


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 63, 64, 65, 200])
def test_nystrom_takes_any_number_of_patches(count):
    torch.manual_seed(0)
    attend = NystromAttention(16, heads=4, landmarks=8).eval()
    with torch.inference_mode():
        out, first = attend(torch.randn(count, 16))
    assert out.shape == (count, 16)
    assert first.shape == (count,)
    assert out.isfinite().all()


def test_the_class_token_attends_to_every_patch_itself():
    """Softmax attention of the first row, with fewer landmarks than patches."""
    torch.manual_seed(0)
    attend = NystromAttention(16, heads=4, landmarks=8).eval()
    rows = torch.randn(65, 16)
    projected = (rows @ attend.project.weight.T).detach().numpy()
    query, key, value = np.split(projected.reshape(65, 12, 4).transpose(1, 0, 2), 3)
    attention = softmax(query[:, :1] @ key.transpose(0, 2, 1) / 2)
    weight, bias = numbers(attend.out)
    with torch.inference_mode():
        out, first = attend(rows)
    assert first.numpy() == pytest.approx(attention[:, 0].mean(0), abs=1e-6)
    wanted = (attention @ value).reshape(16) @ weight.T + bias
    assert out[0].numpy() == pytest.approx(wanted, abs=1e-5)


def test_transmil_begins_with_the_order_of_no_patch():
    torch.manual_seed(0)
    model, bag = TransMil(6, 2, hidden=16, heads=4, landmarks=8).eval(), torch.randn(49, 6)
    with torch.inference_mode():
        assert model(bag)[0].numpy() == pytest.approx(model(bag.flip(0))[0].numpy(), abs=1e-6)


def test_transmil_sees_where_patches_stand():
    torch.manual_seed(0)
    model = TransMil(6, 2, hidden=16, heads=4, landmarks=8).eval()
    for each in model.place.sizes:
        torch.nn.init.normal_(each.weight)
    bag = torch.randn(50, 6)
    with torch.inference_mode():
        logits, attention = model(bag)
        turned, _ = model(bag.flip(0))
    assert attention.sum().item() == pytest.approx(1, abs=1e-5)
    assert attention.shape == (50,)
    assert (logits - turned).abs().max() > 1e-5


@pytest.mark.parametrize("name", list(MODELS))
@pytest.mark.parametrize("count", [1, 3])
def test_every_model_learns_from_the_smallest_bags(name, count):
    torch.manual_seed(0)
    model = make_model(name, 4, 3, {} if name == "mean-pool" else {"hidden": 16})
    model.loss(torch.randn(count, 4), torch.tensor(2)).backward()
    logits, attention = model(torch.randn(count, 4))
    assert logits.shape == (3,)
    assert attention.sum().item() == pytest.approx(1, abs=1e-5)


def test_a_model_or_shape_that_is_none():
    with pytest.raises(InputError):
        make_model("gpt", 4, 2, {})
    with pytest.raises(InputError):
        make_model("abmil", 4, 2, {"depth": 3})
