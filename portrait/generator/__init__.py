"""An invented company's raw data in all its systems, by a seed and a profile (README.md beside)."""
