"""The nouns of the field and the rules that need no I/O."""
