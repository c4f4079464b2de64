"""One file per vendor format, each opening a slide as the same few nouns."""
