"""What Python knows of identity: the registry of published ids, and why two records are one."""
