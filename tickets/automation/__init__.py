"""Automation: rules that managers write (if … then …), tried before they are saved, traced when they fire."""
