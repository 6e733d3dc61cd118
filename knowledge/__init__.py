"""Documents, not customers: articles and their versions in force, retrieval, exact codes, grounding."""
