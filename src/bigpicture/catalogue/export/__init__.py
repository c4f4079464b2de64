"""A frozen cohort as files: one module a format, `forms.py` lists them."""
