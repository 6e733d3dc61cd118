"""Customers' judgement of a solved ticket: asked once each time, 1 to 5, in words where they like (NT-08)."""
