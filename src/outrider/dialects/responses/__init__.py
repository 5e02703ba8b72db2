"""OpenAI's Responses: items instead of messages, for callers and for providers."""
