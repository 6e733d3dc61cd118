"""Bridges from our retrieval to other people's interfaces; the only place here that imports a vendor."""
