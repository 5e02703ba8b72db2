"""What callers speak: requests checked and understood, errors said in the endpoint's own shape. No I/O."""
