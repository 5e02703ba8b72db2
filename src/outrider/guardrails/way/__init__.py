"""What texts need on their way beside the guardrails: pieces that come one by one, placeholders, single arguments."""
