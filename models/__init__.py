"""Tables, their transitions, their queries and who may do what. No chat, no network but the database."""

import os

# A question multiplies small matrices, in one thread of many. numpy's library would start as many again as there are
# processors, each of which waits in a loop: four times the time. It reads this when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
