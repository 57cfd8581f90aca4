"""What people of the demo company ask of one another: something that is being done, and something nobody answered."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from handlers.demo import model
from models.base import now
from models.mail import Timer
from models.people import Person
from models.places import Place
from models.tasks import assignments, checklist, life

BEGIN = "tasks.begin"


def agree(session: Session, one: model.Tasked, people: dict[str, Person], places: dict[str, Place]) -> None:
    """Make one task of the files; whoever it concerns sees it as soon as Agora runs."""
    asker = people[one.asker]
    day = now().astimezone(asker.zone).date() + timedelta(days=one.days)
    task = life.make(
        session, asker, title=one.title, details=one.details, language=one.language, place=places[one.channel],
        people=[people[handle] for handle in one.people], due_at=datetime.combine(day, one.at, asker.zone),
        checklist_lines=one.checklist,
    )  # fmt: skip
    if one.accepted:
        for each in assignments.of(session, task):
            assignments.accept(session, each)
        for item in checklist.items(session, task)[:1]:
            checklist.tick(item, people[one.people[0]])
    session.flush()
    at = now()
    session.add(Timer(schedule=task.about, slot=at.isoformat(), route=BEGIN, due_at=at, args={"task_id": task.id},
                      correlation="demo"))  # fmt: skip
