"""Reads what a laboratory system or a FHIR server exports into the table of one row per slide."""
