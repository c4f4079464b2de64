"""Pixels: opens vendor slides, writes and reads DICOM whole-slide images, their index and tiles."""
