"""Measurements of the project, beside other tools."""
