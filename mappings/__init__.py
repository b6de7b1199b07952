"""What medicine says: terminology, rule tables and wording, read and checked once at start."""
