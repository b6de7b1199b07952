"""What makes a release: its list of parts, their licences, what is known against them."""
