"""People review answers: queues with a rubric, several reviewers who do not see each other, and what they agree on."""
