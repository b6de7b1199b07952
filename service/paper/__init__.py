"""What is sent or kept on paper: pages that fill from the top, and the packet for a payer's reviewer."""
