"""What an agent may do in the present state of its session: labels, origins of arguments, intent, rules, decisions.

Pure but for what keeps sessions and approvals in the store. Text detection never decides here: who wrote a text is
known from where it came from, not from how it reads.
"""
