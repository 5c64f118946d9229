"""Who we talk with, as far as they let us know: their place, what they agreed to, and how all of it is deleted.

Lies under the other services: they may use `models` and `register`; it imports none of them. What another service
keeps of a person it deletes itself, by an eraser given to the `Register`.
"""
