"""How often Python looks for garbage in cycles: seldom, since handling an event leaves hardly any.

As it comes, Python looks through all objects whenever a quarter more have come than were there: in a process with a
hundred megabytes of modules and mappings that is a tenth of a second in which nobody is answered.
"""

import gc

_NEW = 50_000  # objects: Python's own bound is 700, which one event passes many times
_YOUNG, _OLD = 20, 100


def seldom() -> None:
    """From here on look seldom, and never through what is there already; call once all is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW, _YOUNG, _OLD)
