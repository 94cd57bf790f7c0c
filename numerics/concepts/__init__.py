"""The one-layer concept transformer and its reduced dynamics."""
