"""What the commands of `prorata` do. `cli` has their options; nothing here is imported before its command runs."""
