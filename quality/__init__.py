"""Judges what was said: versioned rules over transcripts, findings with evidence, and their review."""
