"""What captured calls reveal about an EHR, and the entry that it needs in the file of issuers."""
