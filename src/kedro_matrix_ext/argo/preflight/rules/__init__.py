"""The rules of the preflight, each a function from a ``CheckContext`` to findings."""
