"""Invented records: what a node of millions of slides holds, without a pixel."""
