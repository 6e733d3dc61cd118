"""Notices: what customers and staff are told, in which words, over which channel, and whether it arrived."""
