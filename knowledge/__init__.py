"""What the bureau knows: policies, words, places, routes. Useful without chat, database and web."""
