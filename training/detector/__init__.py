"""The detector of text, labels and barcodes: its invented pictures, its net, its training."""
