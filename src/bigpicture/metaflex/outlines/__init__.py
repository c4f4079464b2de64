"""The files in which people keep what they drew: GeoJSON (Bigpicture, QuPath), ASAP's XML."""
