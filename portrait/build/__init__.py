"""The way from raw files to a published build."""
