"""Wires settings, keys, stores and processes together."""
