"""Cards of trading accounts: whose they are, and their passwords. Their money and trades are in the trade platform."""
