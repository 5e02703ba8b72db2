"""Credentials that are no fixed header: who signs requests, by the name that a preset's `auth` has."""
