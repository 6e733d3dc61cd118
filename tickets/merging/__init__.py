"""Tickets that belong together: linked, merged and parted again; entries that repeat, and urging."""
