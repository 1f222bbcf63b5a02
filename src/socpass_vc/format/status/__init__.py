"""Status lists, the deltas between them and the Golomb-Rice code of both."""
