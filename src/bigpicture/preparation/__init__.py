"""Turns slides beside a table, or what a hospital exports, into a dataset that can be submitted."""
