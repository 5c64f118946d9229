"""The web chat over HTTP and in a real browser, over a small talk in memory."""
