"""SQL of routing: people and their load, the pool, customers, who shares a ticket."""
