"""What a trade platform's administrators keep with us beside the engine: lists of settings, and messages."""
