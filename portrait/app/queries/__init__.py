"""Questions that only pages of the app ask: small answers, never a whole mart."""
