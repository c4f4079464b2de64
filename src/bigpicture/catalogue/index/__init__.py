"""The index: images in columns, derived from the records, asked at memory speed."""
