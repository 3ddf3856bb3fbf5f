"""Questions of the pages to the published file: small answers, never a whole mart."""
