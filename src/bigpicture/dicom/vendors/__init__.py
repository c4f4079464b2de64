"""One file a vendor, side by side and ignorant of each other; `dicom/open.py` lists them."""
