"""Functions that are made from the source of a module and become the module's own once it has run.

``source`` lists what a module binds, ``changes`` what else changes its names, and ``source_cache`` keeps
both in a file. ``hints`` evaluates type hints, ``signatures`` makes functions of any signature, ``stand_in``
has the kinds of stand-ins, and ``maker`` makes them. ``binding_names`` binds them while the module runs.
"""

__all__: list[str] = []
