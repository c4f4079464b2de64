"""Where things are kept: objects and records."""
