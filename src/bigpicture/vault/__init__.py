"""Sealed objects: the body in the object store, the header in the records."""
