"""Command line, landing, checks and publishing around the dbt project of the portrait."""
