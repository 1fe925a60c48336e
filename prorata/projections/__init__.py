"""Tables made from what happened. Each may be dropped and rebuilt."""
