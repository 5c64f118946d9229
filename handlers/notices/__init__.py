"""What the bureau tells people of its own accord: campaigns that reach those they concern once, and leaflets."""
