"""The attribute rules of MSMdad 2.0.0, a file for each part of the standard."""
