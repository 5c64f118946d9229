"""Questions about what the documents say, the eligibility interview, and what was asked in vain."""
