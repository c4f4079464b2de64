"""Runs what is not trusted: a child process with limits and without rights."""

from bigpicture.sandbox.limits import Limits, Protection
from bigpicture.sandbox.sandbox import Ran, Sandbox, run

__all__ = ["Limits", "Protection", "Ran", "Sandbox", "run"]
