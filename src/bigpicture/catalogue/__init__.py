"""How data are found."""
