"""A node as its doors see it: every part they need, made once and handed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from bigpicture.access.decisions import Decisions
from bigpicture.access.deliveries import Deliveries
from bigpicture.access.epoch import Epoch, Epochs
from bigpicture.access.identity.discover import Discoveries
from bigpicture.access.identity.key_sets import KeySets
from bigpicture.access.identity.sign_in import SigningIn
from bigpicture.access.identity.trusted import Trusted, read_trusted
from bigpicture.access.node_keys import NodeKeys, load_node_keys
from bigpicture.access.reads import Reads
from bigpicture.access.seal_files import SealFiles
from bigpicture.access.seals import Seals
from bigpicture.access.sessions import Sessions
from bigpicture.access.throttle import Throttle
from bigpicture.catalogue.catalogue import Catalogue
from bigpicture.catalogue.hierarchy import Hierarchy, load_hierarchy
from bigpicture.settings import SecondFactor, Settings
from bigpicture.storage.records import Records
from bigpicture.submission.stores import Stores
from bigpicture.vault.vault import Vault
from bigpicture.viewing.ahead import Ahead
from bigpicture.viewing.frames import Frames
from bigpicture.viewing.memories import Sizes
from bigpicture.viewing.named import Named
from bigpicture.viewing.overlays import Overlays
from bigpicture.viewing.pictures import Pictures
from bigpicture.viewing.tiles import Tiles


@dataclass(frozen=True, slots=True)
class Node:
    """`start_work` takes a submission's accession and returns at once; its workflow is durable."""

    stores: Stores
    epochs: Epochs
    sessions: Sessions
    throttle: Throttle
    keys: NodeKeys
    trusted: Trusted
    key_sets: KeySets
    discoveries: Discoveries
    signing_in: SigningIn
    decisions: Decisions
    seals: Seals
    reads: Reads
    deliveries: Deliveries
    catalogue: Catalogue
    terminologies: Hierarchy
    tiles: Tiles
    pictures: Pictures
    overlays: Overlays
    named: Named
    frames: Frames
    start_work: Callable[[str], None]

    @classmethod
    def open(cls, stores: Stores, *, start_work: Callable[[str], None]) -> Self:
        """Make the parts that a process keeps for itself around the stores."""
        records, settings = stores.records, stores.settings
        epochs = Epochs(records)
        seals = Seals(SealFiles(settings.seals_folder), records)
        seals.files.make()
        seals.mirror()
        epochs.listen(Epoch.SEAL, seals.mirror)
        tiles = Tiles(
            records,
            stores.vault.open,
            cache=settings.cache,
            sizes=Sizes(
                tiles=settings.tile_cache_bytes,
                pixels=settings.pixel_cache_bytes,
                levels=settings.open_levels,
                indexes=settings.index_cache_bytes,
            ),
            ahead=None if stores.vault.is_near else Ahead(),
        )
        pictures = Pictures(tiles, cache_bytes=settings.picture_cache_bytes)
        overlays = Overlays(stores.vault.open, most=settings.overlay_cache_bytes)
        frames = Frames(tiles)
        terminologies = load_hierarchy(settings.terminologies, cache=settings.cache)

        def forget() -> None:
            """Nothing that a destroyed key sealed may be left in memory: let go of all."""
            for one in (stores.vault, tiles, pictures, overlays, frames):
                one.forget()

        epochs.listen(Epoch.ERASURE, forget)
        discoveries, key_sets = Discoveries(), KeySets()
        return cls(
            stores=stores,
            epochs=epochs,
            sessions=Sessions(
                records,
                epochs,
                is_factor_required=settings.second_factor is SecondFactor.REQUIRED,
                is_shut=seals.is_issuer_sealed,
            ),
            throttle=Throttle(),
            keys=load_node_keys(settings.keys),
            trusted=read_trusted(settings.identity),
            key_sets=key_sets,
            signing_in=SigningIn(discoveries, key_sets),
            discoveries=discoveries,
            decisions=Decisions(records, epochs, seals),
            seals=seals,
            reads=Reads(records),
            deliveries=Deliveries(records),
            catalogue=Catalogue(records, settings.cache / "catalogue", terminologies),
            terminologies=terminologies,
            tiles=tiles,
            pictures=pictures,
            overlays=overlays,
            named=Named(records),
            frames=frames,
            start_work=start_work,
        )

    @property
    def settings(self) -> Settings:
        return self.stores.settings

    @property
    def records(self) -> Records:
        return self.stores.records

    @property
    def vault(self) -> Vault:
        return self.stores.vault
