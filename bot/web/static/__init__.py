"""Style, script and mark of the pages; served from memory."""
