"""The ground floor: ids, clock, money, usage, errors, ports, plugins. Imports nothing of Outrider."""
