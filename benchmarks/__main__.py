"""All benchmarks, as one table: ``python -m benchmarks``, or ``make bench``."""

from benchmarks import capture, encoding, handling, idle, outbox, search_scale, slack, slack_delivery, teams
from benchmarks.report import main

if __name__ == "__main__":
    main(
        capture.run,
        handling.run,
        outbox.run,
        slack.run,
        slack_delivery.run,
        teams.run,
        encoding.run,
        idle.run,
        search_scale.run,
        description=__doc__,
    )
