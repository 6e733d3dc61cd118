"""Help for the agent: suggested steps and replies, summaries, and what became of them. Never sends anything itself."""
