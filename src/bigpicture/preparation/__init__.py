"""Preparation: tables that people fill in become the description of a dataset."""
