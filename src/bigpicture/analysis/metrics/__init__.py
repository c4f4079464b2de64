"""Metrics: what an algorithm is worth, each as its source defines it, with intervals by patient."""
