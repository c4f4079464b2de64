"""Which executor does the heavy work of a node, from its settings."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from bigpicture.model.errors import SettingsError
from bigpicture.model.executor import Executor
from bigpicture.submission.stores import Stores
from bigpicture.worker.pool import PoolExecutor

_CLUSTER = "bigpicture.worker.cluster"


def make_executor(stores: Stores, *, open_stores: Callable[[], Stores]) -> Executor:
    """A pool of threads here, or the cluster that `compute` names.

    `open_stores` is how a worker of the cluster opens its own. Raises `SettingsError` where the
    cluster cannot be reached or its library is not installed, which is loaded only when asked for.
    """
    settings = stores.settings
    if not settings.compute:
        return PoolExecutor(stores, jobs=settings.jobs)
    try:
        cluster = import_module(_CLUSTER)
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"computing on a cluster needs the library {error.name}.",
            place="compute",
            remedy="pip install 'bigpicture[cluster]'",
        ) from error
    return cluster.DaskExecutor(settings.compute, open_stores=open_stores)
