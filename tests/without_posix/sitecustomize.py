"""Loaded by an interpreter that is to find what Windows offers, in `names.json` beside it.

Modules of ours get an `os`, a `sys`, a `signal` … without the names that Windows has not; names of
files follow Windows' rules for every library: nothing goes over what is there, and what somebody
has open is neither renamed nor removed. Python's own library goes on using its own ways.
"""

from __future__ import annotations

import builtins
import errno
import json
import os
import shutil
import stat
import types
from pathlib import Path

_told = json.loads(Path(__file__).with_name("names.json").read_text("utf-8"))
MODULES, NAMES = frozenset(_told["modules"]), _told["names"]


class Lacking(types.ModuleType):
    """A module without some of its names, and with others in their place."""

    def __init__(self, whole, missing, changed):
        super().__init__(whole.__name__)
        self.__dict__.update(_whole=whole, _missing=frozenset(missing), **changed)

    def __getattr__(self, name):
        if name in self._missing:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self._whole, name)


def _refused(*_, **__):
    raise AssertionError("only sockets can be waited for on Windows")


def _open(path, *more, **named):
    if os.path.isdir(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(path))
    return os.open(path, *more, **named)


def _fsync(descriptor):
    with open(f"/proc/self/fdinfo/{descriptor}", encoding="ascii") as file:
        flags = next(int(line.split()[1], 8) for line in file if line.startswith("flags"))
    if flags & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    os.fsync(descriptor)


def _get_context(method=None):
    import multiprocessing

    if method not in {None, "spawn"}:
        raise ValueError(f"cannot find context for {method!r}")
    return multiprocessing.get_context("spawn")


CHANGED = {
    "os": {"name": "nt", "open": _open, "fsync": _fsync},
    "sys": {"platform": "win32"},
    "selectors": {"DefaultSelector": _refused},
    "select": {"select": _refused},
    "multiprocessing": {"get_context": _get_context, "get_all_start_methods": lambda: ["spawn"]},
}
_lacking: dict[str, Lacking] = {}
_import = builtins.__import__


def _import_lacking(name, globals=None, locals=None, fromlist=(), level=0):
    spec = (globals or {}).get("__spec__")
    asking = str(getattr(spec, "name", "") or (globals or {}).get("__name__", ""))
    if level or not asking.startswith("bigpicture"):
        return _import(name, globals, locals, fromlist, level)
    if name in MODULES:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    whole = _import(name, globals, locals, fromlist, level)
    if name in NAMES or name in CHANGED:
        if name not in _lacking:
            _lacking[name] = Lacking(whole, NAMES.get(name, ()), CHANGED.get(name, {}))
        return _lacking[name]
    return whole


builtins.__import__ = _import_lacking


def _others():
    """The processes of this session: what the command has started, and itself."""
    session = os.getsid(0)
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="latin-1") as file:
                    if int(file.read().rpartition(")")[2].split()[3]) == session:
                        yield f"/proc/{name}"
            except OSError:
                continue


def _is_open(place):
    """Whether somebody has the file open, or any file in the folder, or works in it."""
    for process in _others():
        found = [f"{process}/cwd"]
        try:
            found += [f"{process}/fd/{name}" for name in os.listdir(f"{process}/fd")]
        except OSError:
            continue
        for link in found:
            try:
                target = os.readlink(link)
            except OSError:
                continue
            if target == place or target.startswith(place + "/"):
                return True
    return False


def _refuse_open(path, dir_fd=None):
    base = "." if dir_fd is None else os.readlink(f"/proc/self/fd/{dir_fd}")
    place = os.path.join(os.path.realpath(base), os.fsdecode(path))
    place = os.path.join(os.path.realpath(os.path.dirname(place)), os.path.basename(place))
    if _is_open(place):
        raise PermissionError(errno.EACCES, "used by another process", os.fspath(path))


def _without_open(call):
    def changed(path, *, dir_fd=None):
        _refuse_open(path, dir_fd)
        return call(path, dir_fd=dir_fd)

    return changed


def _renaming(call, *, goes_over):
    def changed(source, target, *, src_dir_fd=None, dst_dir_fd=None):
        assert src_dir_fd is None
        assert dst_dir_fd is None
        if os.path.lexists(target):
            if not goes_over:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(target))
            if stat.S_ISDIR(os.lstat(target).st_mode):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(target))
            _refuse_open(target)
        _refuse_open(source)
        return call(source, target)

    return changed


os.unlink = os.remove = _without_open(os.unlink)
os.rmdir = _without_open(os.rmdir)
os.rename = _renaming(os.rename, goes_over=False)
os.replace = _renaming(os.replace, goes_over=True)
shutil._use_fd_functions = False  # Windows has no folder handles, so neither do we
