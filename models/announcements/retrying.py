"""What Agora itself does for announcements, and failed for good: a timer (its hour has come, people are to be
reminded), what follows a job, and the jobs that bring it, change it or take it back.

All of them look first at what is still to be done, so that they may be done again, and later: until a day has passed
they are, once an hour. Meanwhile, and after it, an administrator sees them and can do the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.rows import run

FOR = timedelta(days=1)
_EVENTS = """
update inbox set state = 'new', attempts = 0, not_before = %(at)s, done_at = null, reply = null
where state = 'failed' and platform = 'system' and kind in ('timer', 'result') and received_at > %(since)s
  and payload ->> 'route' like 'announcements.%%'
"""
_JOBS = """
update job set state = 'new', attempts = 0, not_before = %(at)s, done_at = null, error = null
where state = 'failed' and kind in ('announcements.deliver', 'announcements.change') and created_at > %(since)s
"""


def retry(session: Session, moment: datetime) -> int:
    """Let it be done once more, what failed for good within ``FOR``; how much that is."""
    values = {"at": moment, "since": moment - FOR}
    return sum(int(run(session, statement, values).rowcount) for statement in (_EVENTS, _JOBS))
