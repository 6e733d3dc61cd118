"""The only SQL of the ticket store."""
