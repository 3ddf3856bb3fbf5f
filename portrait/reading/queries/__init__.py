"""Questions to the published file that concern the whole company: aggregates, never a customer."""
