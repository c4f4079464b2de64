"""Terminologies: which terms stand under which, by a site's files and our tree of organs."""
