"""Erasing a customer: applied for by one, approved by another, done in one transaction (SE-04, SE-05)."""
