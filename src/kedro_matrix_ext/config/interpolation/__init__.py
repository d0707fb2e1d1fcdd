"""Interpolation: evaluate "${...}" in merged configuration."""
