"""Algorithms, their runs over cohorts, and what they found."""
