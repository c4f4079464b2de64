"""Tiles, thumbnails and overviews of published images."""
