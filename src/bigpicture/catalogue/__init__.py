"""How data are found: facts about images and datasets, search with facets, landing pages."""
