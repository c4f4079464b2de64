"""Thin HTTP doors, one file per resource."""
