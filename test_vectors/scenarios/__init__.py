"""The scenarios behind the test vectors, written from specs/ alone; imports nothing of socpass."""
