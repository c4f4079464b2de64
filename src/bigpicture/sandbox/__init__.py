"""Runs what is not trusted: a child process with limits and without rights."""
