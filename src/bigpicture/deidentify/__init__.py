"""What may stay in a slide, what was removed, and the scan that proves it."""
