"""The example project of kedro-matrix-ext."""
