"""The face of a dataset: what everybody may know of it, in the forms that others read."""
