"""The steps by which a database came to its tables; each changes what is there and loses nothing."""
