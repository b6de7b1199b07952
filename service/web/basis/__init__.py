"""What the rules rest on, as documents: made from the tables by which the service judges."""
