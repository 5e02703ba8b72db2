"""Retrieval for any application: documents, passages, searches, answers that show their evidence."""
