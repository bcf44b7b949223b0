"""Bad input gets the right error, with a message that names it."""
