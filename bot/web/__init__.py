"""The web shell: server, pages, limits, errors, static files. It knows nothing of what is said."""
