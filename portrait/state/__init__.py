"""The store of what outlives a build."""
