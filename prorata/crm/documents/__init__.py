"""The documents of a person's file."""
