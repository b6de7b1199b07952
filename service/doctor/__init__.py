"""What captured calls of an EHR tell about it, and the entry that it needs in the file of issuers."""
