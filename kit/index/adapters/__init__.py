"""Adapters of the vector index: Qdrant in this process (``edge``) and a Qdrant server (``server``)."""
