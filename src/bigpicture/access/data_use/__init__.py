"""Data use: a coded purpose is matched against a policy, for advice; people decide."""
