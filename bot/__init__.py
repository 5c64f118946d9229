"""The frame: channels, the conversation, outbox, background work, wiring.

Everything here would be the same for another bureau. What the bureau knows is in
`knowledge`, what it does in `handlers`, what people read in `templates`.
"""
