"""Foundation models that a person may fetch: what each takes, and whose terms they accept there.

Nothing of them is shipped and nothing is fetched here: their weights are behind a form of their
owners, most for non-commercial research only. The facts are those of their model cards (scale,
size, normalisation, numbers a vector); export the model to ONNX and state the file's digest.
"""

from __future__ import annotations

from bigpicture.model.encoder import EncoderFacts, Normalisation

_IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_CLIP = Normalisation((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
_HOPTIMUS = Normalisation((0.707223, 0.578729, 0.703617), (0.211883, 0.230117, 0.177517))
_GATED = "Gated: sign in, name your institution, accept the licence; do not pass the weights on."
_HUB = "https://huggingface.co"


def _facts(
    name: str,
    where: str,
    *,
    licence: str,
    width: int,
    normalisation: Normalisation,
    size: int = 224,
) -> EncoderFacts:
    return EncoderFacts(
        name=name,
        version="1",
        licence=licence,
        mpp=0.5,
        size=size,
        width=width,
        normalisation=normalisation,
        address=f"{_HUB}/{where}",
        terms=_GATED,
    )


FOUNDATION: tuple[EncoderFacts, ...] = (
    _facts("uni", "MahmoodLab/UNI", licence="CC-BY-NC-ND-4.0", width=1024, normalisation=_IMAGENET),
    _facts(
        "uni2-h",
        "MahmoodLab/UNI2-h",
        licence="CC-BY-NC-ND-4.0",
        width=1536,
        normalisation=_IMAGENET,
    ),
    _facts(
        "virchow2",
        "paige-ai/Virchow2",
        licence="CC-BY-NC-ND-4.0",
        width=2560,
        normalisation=_IMAGENET,
    ),
    _facts(
        "prov-gigapath",
        "prov-gigapath/prov-gigapath",
        licence="LicenseRef-Prov-GigaPath",
        width=1536,
        normalisation=_IMAGENET,
    ),
    _facts(
        "h-optimus-0",
        "bioptimus/H-optimus-0",
        licence="Apache-2.0",
        width=1536,
        normalisation=_HOPTIMUS,
    ),
    _facts(
        "conch",
        "MahmoodLab/CONCH",
        licence="CC-BY-NC-ND-4.0",
        width=512,
        normalisation=_CLIP,
        size=448,
    ),
)
"""Virchow2's vector is the class token beside the mean of the patch tokens (2 x 1280)."""
