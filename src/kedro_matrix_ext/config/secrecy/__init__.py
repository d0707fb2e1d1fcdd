"""Configuration as it may be shown: which of its values are secret, and the rest of it."""

from __future__ import annotations

from kedro_matrix_ext.config.secrecy.secret_paths import SecretPaths

__all__ = ["SecretPaths"]
