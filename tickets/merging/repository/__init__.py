"""SQL of links, merges and follow-ups."""
