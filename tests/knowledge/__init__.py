"""Tests of what the bureau knows: records, checks, places, answers."""
