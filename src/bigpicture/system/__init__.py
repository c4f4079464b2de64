"""What one operating system does differently from another: the one place that asks which it is."""
