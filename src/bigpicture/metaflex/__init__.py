"""Reads and writes MetaFleX, the exchange XML of Bigpicture, losslessly."""
