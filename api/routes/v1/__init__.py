"""The public contract, version 1: what other programs build on. Additions only; what must go away gets a version 2."""
