"""All benchmarks, as one table: ``python -m benchmarks``, or ``make bench``."""

import os

from benchmarks import (
    abstain,
    announce,
    capture,
    duplicates,
    encoding,
    experts,
    experts_scale,
    handling,
    idle,
    outbox,
    search,
    search_scale,
    slack,
    slack_delivery,
    teams,
)
from benchmarks.report import main

WITH_DATA = (search.run, abstain.run, duplicates.run, experts.run)
"""These ask questions that are not Agora's own: without AGORA_DATA they are left out."""

if __name__ == "__main__":
    main(
        capture.run,
        handling.run,
        outbox.run,
        slack.run,
        slack_delivery.run,
        announce.run,
        teams.run,
        encoding.run,
        idle.run,
        search_scale.run,
        experts_scale.run,
        *(WITH_DATA if os.environ.get("AGORA_DATA") else ()),
        description=__doc__,
    )
