"""Functions that are made from the source of a module and become the module's own once it has run.

``source`` lists what a module binds, ``hints`` evaluates its type hints, ``signatures`` makes functions of
any signature, ``stand_in`` has the kinds of stand-ins, and ``maker`` makes them.
"""

__all__: list[str] = []
