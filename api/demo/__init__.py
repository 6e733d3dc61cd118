"""The demo shop: its data, its conversations and the player that sends them through the public API."""
