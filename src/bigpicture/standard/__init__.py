"""The Bigpicture metadata standard as data, and the check that runs it."""
