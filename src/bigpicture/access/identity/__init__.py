"""Who signs people in: issuers of OpenID Connect, and the accounts behind their subjects."""
