"""Pixels: opens vendor slides, writes and reads DICOM WSI, indexes frames."""
