"""The sections of the report: each writes its HTML with what a Teller knows."""
