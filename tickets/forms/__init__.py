"""Forms: what a kind of case must be handed in with, as templates that the business edits (FM-01 to FM-09)."""
