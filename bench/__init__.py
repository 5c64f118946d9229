"""Measurements, never tests: `python -m bench` prints figures beside their floors, `bench.evaluate` scores gold."""
