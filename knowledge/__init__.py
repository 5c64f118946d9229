"""What the bureau knows: policies, words, places, routes. Useful without chat, database and web."""

import os

# Before numpy is loaded: a question's products take 50 µs on one core, but two threads that wait for each other on a
# busy machine take 12 ms and burn both cores (measured: 28 -> 14 ms of CPU a turn of the chat).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
