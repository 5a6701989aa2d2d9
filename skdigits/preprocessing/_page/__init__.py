"""The steps of `find_digits`: light and ink, lines, parts, touching digits, order."""
