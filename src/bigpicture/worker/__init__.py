"""Durable workflows that call the subjects in order."""
