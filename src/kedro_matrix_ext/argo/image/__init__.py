"""Build the image, and read the git state that it holds."""
