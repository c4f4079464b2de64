"""Patches of many slides as a stream: the order, the reading, what is stated of each."""
