"""Companion tables: their dictionaries and rows read and checked."""
