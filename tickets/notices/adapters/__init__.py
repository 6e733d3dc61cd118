"""Carriers of notices: mail, robots of chat platforms, SMS gateways, plain webhooks."""
