"""Staff: their accounts, what each role may do and where, how they prove who they are, and the audit of it.

Here is what every bureau has in common: `roles` (rules, pure), `models`, `accounts` and `logins` (use cases),
`passwords`, `audit` and `commands`. What staff work on (tickets, queues, offers) belongs to the services;
people who are served have no account and belong to `handlers.people`.
"""
