"""Invented slides and datasets with exact truth."""
