"""How data get in: receive, check, clean, convert, accept, publish."""
