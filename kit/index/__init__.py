"""Vector and lexical search behind one port; each domain owns its own collection. Vendors live in ``adapters`` only."""
