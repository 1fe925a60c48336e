"""Copy trading in the demo: a dozen traders of different character, two thousand investors, and what is shown of them."""
