"""Statistical models that are fitted in Python and scored in SQL."""
