"""What programs compute on slides: algorithms, their values, and runs."""
