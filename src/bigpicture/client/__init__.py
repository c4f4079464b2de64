"""The Python library that researchers and contributors use."""
