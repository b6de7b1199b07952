"""Style sheets, scripts and pictures of the pages: files as they are sent."""
