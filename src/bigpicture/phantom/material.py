"""Materials: what tissue is made of, and how each takes the stains."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Material(IntEnum):
    """The classes of the exact class mask; the numbers are part of the format."""

    GLASS = 0
    STROMA = 1
    EPITHELIUM = 2
    LUMEN = 3
    MUCIN = 4
    MUSCLE = 5
    FAT = 6
    VESSEL_WALL = 7
    BLOOD = 8
    TUMOUR = 9
    TUMOUR_STROMA = 10
    LYMPHOID = 11
    NECROSIS = 12
    LAMINA_PROPRIA = 13
    HEPATOCYTE = 14
    SINUSOID = 15
    TUBULE = 16
    GLOMERULUS = 17
    VACUOLE = 18


class Nucleus(IntEnum):
    """Kinds of nuclei; each has its own size, shape and chromatin."""

    EPITHELIAL = 0
    SPINDLE = 1
    LYMPHOCYTE = 2
    TUMOUR = 3
    ROUND = 4
    PYKNOTIC = 5
    PLASMA = 6
    PENCIL = 7


@dataclass(frozen=True)
class Look:
    """How a material is stained and textured.

    `haematoxylin` and `eosin` are canvas values (255 is a concentration of 2.4 in natural optical
    density), `fibre`, `grain` and `cloud` amplitudes of the three textures, `cells` generic nuclei
    per square millimetre and `kinds` their kinds with weights.
    """

    haematoxylin: int
    eosin: int
    fibre: float = 0.0
    grain: float = 0.12
    cells: float = 0.0
    kinds: tuple[tuple[Nucleus, float], ...] = ((Nucleus.SPINDLE, 1.0),)
    red: int = 0
    """The third stain of H&E slides: the orange that eosin takes on in erythrocytes."""


_MIXED = ((Nucleus.LYMPHOCYTE, 0.42), (Nucleus.PLASMA, 0.25), (Nucleus.SPINDLE, 0.33))
_STROMAL = ((Nucleus.SPINDLE, 0.85), (Nucleus.LYMPHOCYTE, 0.15))

LOOKS: dict[Material, Look] = {
    Material.GLASS: Look(0, 0, grain=0),
    Material.STROMA: Look(6, 47, fibre=0.8, cells=700, kinds=_STROMAL),
    Material.EPITHELIUM: Look(30, 46, grain=0.30),
    Material.LUMEN: Look(2, 3, grain=0.5),
    Material.MUCIN: Look(15, 7, grain=0.45),
    Material.MUSCLE: Look(13, 66, fibre=0.45, cells=1500, red=6),
    Material.FAT: Look(0, 1, grain=0),
    Material.VESSEL_WALL: Look(10, 62, fibre=0.35, cells=2300),
    Material.BLOOD: Look(2, 44, grain=0.15, cells=60, kinds=((Nucleus.LYMPHOCYTE, 1.0),), red=52),
    Material.TUMOUR: Look(34, 44, grain=0.32),
    Material.TUMOUR_STROMA: Look(
        12, 44, fibre=0.75, cells=1900, kinds=((Nucleus.SPINDLE, 0.7), (Nucleus.LYMPHOCYTE, 0.3))
    ),
    Material.LYMPHOID: Look(
        34, 22, grain=0.3, cells=15500, kinds=((Nucleus.LYMPHOCYTE, 0.93), (Nucleus.PLASMA, 0.07))
    ),
    Material.NECROSIS: Look(20, 60, grain=0.75, cells=2300, kinds=((Nucleus.PYKNOTIC, 1.0),)),
    Material.LAMINA_PROPRIA: Look(15, 30, fibre=0.8, grain=0.35, cells=5600, kinds=_MIXED),
    Material.HEPATOCYTE: Look(18, 66, grain=0.33),
    Material.SINUSOID: Look(3, 10, grain=0.4, cells=1400),
    Material.TUBULE: Look(14, 62, grain=0.30),
    Material.GLOMERULUS: Look(
        22,
        46,
        grain=0.45,
        cells=9000,
        kinds=((Nucleus.LYMPHOCYTE, 0.5), (Nucleus.ROUND, 0.2), (Nucleus.SPINDLE, 0.3)),
    ),
    Material.VACUOLE: Look(2, 5, grain=0.2),
}
