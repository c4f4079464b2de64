"""Crypt4GH: seal, open, read a range."""
