"""Tickets (诉求件): grievances and consultations with a number, a clock, a queue and a handler.

`ticket` and `worktime` are rules and know no database; `desk` is what can be done; `dialogue` talks with the person,
`staffroom` with the staff's group.
"""
