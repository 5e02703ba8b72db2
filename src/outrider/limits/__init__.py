"""Who may call, and how much: keys now; budgets, rates and breakers build on the same place."""
