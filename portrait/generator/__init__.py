"""An invented company's raw data in all systems, by a seed and a profile (docs/generator.md)."""
