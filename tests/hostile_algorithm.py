"""What an algorithm may try, one function each; written into a folder of its own by the tests."""

# ruff: noqa: PTH101, PTH107, PTH123, PTH208, PTH211 - these very calls are what is tried

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import numpy as np

from bigpicture.analysis.values import Facet, Features, Heatmap, Mask
from bigpicture.model.errors import AlgorithmError, FailureReason


def well(slide, *, inputs, parameters, weights):
    """The whole slide is tissue."""
    return _given(slide)


def _given(slide, **changed):
    pixels = np.ones((slide.height // 8, slide.width // 8), np.uint8)
    values = {"mask": Mask(pixels, 0, 0, 8.0, ("tissue",)), "score": Facet(0.5, "1")}
    return values | changed


def read_all(slide, **_):
    slide.region(0, 0, slide.width, slide.height)
    return _given(slide)


def told(slide, *, inputs, parameters, weights):
    """The parameter, the input and the first byte of the weights come back as the score."""
    score = parameters["level"] * 0.1
    if inputs:
        score = inputs["tissue"]["score"].value
    if weights:
        score = Path(weights).read_bytes()[0] / 256
    return _given(slide, score=Facet(score, "1"))


def hang(slide, **_):
    while True:
        time.sleep(60)


def spin(slide, **_):
    while True:
        pass


def spin_on_threads(slide, **_):
    array = np.ones((400, 400))
    for _number in range(2):
        threading.Thread(target=lambda: [array @ array for _ in range(10**6)]).start()
    while True:
        pass


def fork_bomb(slide, **_):
    while True:
        os.fork()


def fork_quietly(slide, **_):
    """In C, so that Python does not hear of it; how many children lived is the score."""
    libc = ctypes.CDLL(None)
    lived = 0
    for _number in range(10):
        child = libc.fork()
        if child == 0:
            time.sleep(60)
        lived += child > 0
    return _given(slide, score=Facet(lived / 10, "1"))


def start_a_program(slide, **_):
    subprocess.run(["/bin/true"], check=True)


def thread_bomb(slide, **_):
    while True:
        threading.Thread(target=time.sleep, args=(60,)).start()


def eat_memory(slide, **_):
    kept = []
    while True:
        kept.append(np.ones(4 << 20))


def eat_shared_memory(slide, **_):
    """Memory that is no process's own: a limit on address space does not count it."""
    for _number in range(1000):
        place = os.memfd_create("kept")
        os.write(place, bytes(1 << 20))


def connect_loopback(slide, *, parameters, **_):
    socket.create_connection(("127.0.0.1", parameters["port"]), timeout=2).close()


def connect_unix(slide, *, parameters, **_):
    with socket.socket(socket.AF_UNIX) as made:
        made.connect(parameters["path"])


def fetch(slide, **_):
    urllib.request.urlopen("http://node.example/", timeout=2)


def talk_on_a_pair(slide, *, parameters, **_):
    """One end of a pair of datagram sockets may speak to any path."""
    one, _other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.sendto(b"x", parameters["path"])


def read_a_file(slide, *, parameters, **_):
    Path(parameters["path"]).read_bytes()


def list_a_folder(slide, *, parameters, **_):
    os.listdir(parameters["path"])


def read_by_link(slide, *, parameters, **_):
    """A link inside the scratch folder is still a way to what lies outside of it."""
    os.symlink(parameters["path"], "link")
    Path("link").read_bytes()


def read_environment(slide, **_):
    """What of the node's variables and of its process is seen, as the score."""
    seen = [name for name in os.environ if "SECRET" in name or "BIGPICTURE" in name]
    for process in range(1, 400):
        try:
            seen.append(Path(f"/proc/{process}/environ").read_bytes())
        except OSError:
            continue
    return _given(slide, score=Facet(float(bool(seen)), "1"))


def write_a_file(slide, *, parameters, **_):
    Path(parameters["path"]).write_text("was here")


def write_by_link(slide, *, parameters, **_):
    os.symlink(parameters["path"], "link")
    with open("link/written", "w") as stream:
        stream.write("was here")


def change_mode(slide, *, parameters, **_):
    os.chmod(parameters["path"], 0o777)


def remove(slide, *, parameters, **_):
    os.remove(parameters["path"])


def write_into_itself(slide, **_):
    Path(__file__).with_name("more.py").write_text("more = 1")


def use_scratch(slide, **_):
    with open("kept", "wb") as stream:
        stream.write(bytes(1 << 20))
    return _given(slide)


def fill_scratch(slide, **_):
    for number in range(1000):
        with open(f"kept{number}", "wb") as stream:
            stream.write(bytes(1 << 20))


def fill_scratch_with_names(slide, **_):
    for number in range(10**6):
        Path(f"kept{number}").touch()


def nan_map(slide, **_):
    pixels = np.full((slide.height // 8, slide.width // 8), np.inf, np.float32)
    return _given(slide, mask=Heatmap(pixels, 0, 0, 8.0, "1", (0.0, 1.0)))


def nan_score(slide, **_):
    return _given(slide, score=Facet(float("nan"), "1"))


def wrong_shape(slide, **_):
    return _given(slide, mask=Mask(np.ones((4, 4, 3), np.uint8), 0, 0, 8.0, ("tissue",)))


def too_large(slide, **_):
    pixels = np.ones((slide.height, slide.width), np.uint8)
    return _given(slide, mask=Mask(pixels, 0, 0, 8.0, ("tissue",)))


def wrong_class(slide, **_):
    pixels = np.full((slide.height // 8, slide.width // 8), 7, np.uint8)
    return _given(slide, mask=Mask(pixels, 0, 0, 8.0, ("tissue",)))


def objects(slide, **_):
    return _given(slide, mask=Mask(np.array([[os.system]], object), 0, 0, 8.0, ("tissue",)))


def path_as_name(slide, **_):
    return {**_given(slide), "../../mask": Facet(1.0)}


def nothing(slide, **_):
    return None


def nearly(slide, **_):
    return {"mask": _given(slide)["mask"]}


def features(slide, **_):
    found = Features(np.zeros((2, 2), np.int64), np.ones((2, 4), np.float32), 0.5, 8, "net")
    return _given(slide, mask=found)


class _Bomb:
    def __reduce__(self):
        return (os.system, ("touch pickled",))


def pickle_bomb(slide, **_):
    return _given(slide, score=_Bomb())


def answer_by_itself(slide, *, parameters, **_):
    """Write to the pipe what the parent would have to unpickle, and end."""
    payload = pickle.dumps(_Bomb())
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"R" + len(payload).to_bytes(8, "little") + payload)
        except OSError:
            continue
    os._exit(0)


def forge(slide, **_):
    """A packed answer whose array lies outside of it."""
    header = (
        b'{"seconds": {"compute": 1e99}, "values": {"score": {"kind": "facet", "value": 0.5,'
        b' "unit": "1"}, "mask": {"kind": "mask", "pixels": {"dtype": "uint8", "shape":'
        b' [99999, 99999], "at": 0}, "x": 0, "y": 0, "scale": 8, "classes": ["tissue"]}}}'
    )
    payload = b"BPV1" + len(header).to_bytes(8, "little") + header
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"R" + len(payload).to_bytes(8, "little") + payload)
        except OSError:
            continue
    os._exit(0)


def forge_a_reason(slide, **_):
    header = b'{"reason": "\\u001b[2J", "what": "x"}'
    payload = b"BPV1" + len(header).to_bytes(8, "little") + header
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"R" + len(payload).to_bytes(8, "little") + payload)
        except OSError:
            continue
    os._exit(0)


def claim_a_larger_slide(slide, **_):
    """Say that the slide is larger than it is, and give a mask of that size."""
    message = b"P" + (16).to_bytes(8, "little") + (9999).to_bytes(8, "little") * 2
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, message)
        except OSError:
            continue
    return too_large(slide)


def segfault(slide, **_):
    ctypes.string_at(0)


def kill_others(slide, **_):
    """Whoever a signal reaches: the parent is in another process namespace, and has no number."""
    for process in (os.getppid(), -1):
        try:
            os.kill(process, signal.SIGKILL)
        except OSError:
            continue
    return _given(slide)


def leave(slide, **_):
    os._exit(0)


def fail(slide, **_):
    raise ValueError("the label says Mustermann")


def empty(slide, **_):
    raise AlgorithmError("there is no tissue.", reason=FailureReason.EMPTY_GLASS)


def trace(slide, *, parameters, **_):
    """Calls that reach other processes or the kernel: how many succeeded is the score."""
    libc = ctypes.CDLL(None, use_errno=True)
    done = [
        libc.ptrace(16, parameters["port"], 0, 0) == 0,
        libc.unshare(0x10000000) == 0,
        libc.mount(None, b"/", None, 1 << 14, None) == 0,
        libc.chroot(b"/") == 0,
        libc.syscall(425, 8, 0) >= 0,
        libc.setuid(0) == 0,
        libc.mknod(b"disk", 0o060666, 0x0800) == 0,
    ]
    return _given(slide, score=Facet(sum(done) / len(done), "1"))
