"""Questions about what the documents say, the eligibility interview, and what was asked in vain.

A turn: `dialogue` decides whose it is, `placing` reads what was said of places, `asking` and `answering` (with
`following` and `judging`) go to the documents, `interviewing` (with `eligible` and `verdicts`) through the conditions,
`helping` takes danger and other routes, `pressing` buttons. `talk` is the turn in the making, `memory` what stays,
`wording` the step to the typed replies. `ask` and the commands are the ways without a conversation.
"""
