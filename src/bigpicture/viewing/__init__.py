"""What is looked at: stored images, their tiles, thumbnails."""
