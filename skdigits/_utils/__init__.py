"""What modules of several packages share."""
