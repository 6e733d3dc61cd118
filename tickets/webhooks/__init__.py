"""Webhooks: facts of the house sent to other systems by the Standard Webhooks rules (standardwebhooks.com)."""
