"""What people see when somebody answers, or whoever asked decides: whoever must know is told."""

from __future__ import annotations

from bot.cards import T, User
from bot.mentions import mention, named
from bot.router import Router
from bot.shorten import shortened
from bot.turn import Turn
from handlers.tasks import saying, showing
from models.facts import Fact
from models.people import Person
from models.tasks import assignments, reading
from models.tasks.tables import ANYONE, LIVE, UNSETTLED

router = Router()


@router.fact("task.accepted")
def accepted(turn: Turn, fact: Fact) -> None:
    """The thread hears once nobody is to answer any more; without one, whoever asked does."""
    task, theirs = showing.task_of(turn, fact), showing.part_of(turn, fact)
    showing.refresh(turn, task)
    if not showing.in_thread(task):
        words = T("{name} does “{title}”.", name=named(theirs.person), title=saying.title(task))
        showing.tell_asker(turn, task, fact, words)
    elif not assignments.of(turn.session, task, *UNSETTLED):
        doers = reading.holders(turn.session, task)
        showing.line(turn, task, T("{names} does “{title}”.", "{names} do “{title}”.", names=saying.people(doers),
                           title=saying.title(task), n=len(doers)))  # fmt: skip


@router.fact("task.declined")
def declined(turn: Turn, fact: Fact) -> None:
    """Whoever asked decides how it goes on, where nobody else may still take it; why is for them alone."""
    task, theirs = showing.task_of(turn, fact), showing.part_of(turn, fact)
    showing.refresh(turn, task)
    name, title = named(theirs.person), saying.title(task)
    showing.tell_asker(turn, task, fact, T("{name} declined “{title}”: {reason}", name=name, title=title,
                                    reason=User(shortened(theirs.reason or "", saying.REASON))))  # fmt: skip
    if task.mode == ANYONE and assignments.of(turn.session, task, *LIVE):
        showing.line(turn, task, T("{name} cannot do “{title}”. Others are still asked.", name=name, title=title))
        return
    showing.line(turn, task, T("{name} cannot do “{title}”. {asker} decides how it goes on.", name=name, title=title,
                       asker=named(task.asker)))  # fmt: skip


@router.fact("task.proposed")
def proposed(turn: Turn, fact: Fact) -> None:
    """Whoever asked decides."""
    task, theirs = showing.task_of(turn, fact), showing.part_of(turn, fact)
    showing.refresh(turn, task)
    showing.tell_asker(turn, task, fact, T("{name} proposes something else for “{title}”.", name=named(theirs.person),
                                    title=saying.title(task)))  # fmt: skip


@router.fact("task.agreed")
def agreed(turn: Turn, fact: Fact) -> None:
    """The date is another one: whoever does it, and the thread, read that. Where somebody else is asked, they do."""
    task = showing.task_of(turn, fact)
    showing.refresh(turn, task)
    if "before" in fact.data:
        showing.tell_moved(turn, task, fact)


@router.fact("task.insisted")
def insisted(turn: Turn, fact: Fact) -> None:
    """Whoever proposed something is asked again."""
    task, theirs = showing.task_of(turn, fact), showing.part_of(turn, fact)
    showing.refresh(turn, task)
    showing.tell(turn, task, theirs.person, T("{name} would like to keep it as it was. Can you do it?",
                                      name=mention(task.asker)))  # fmt: skip


@router.fact("task.released")
def released(turn: Turn, fact: Fact) -> None:
    """It is not with them any more."""
    task, theirs = showing.task_of(turn, fact), showing.part_of(turn, fact)
    showing.refresh(turn, task)
    showing.tell_all(
        turn, task, fact, [theirs.person], T("You do not need to do “{title}” any more.", title=saying.title(task))
    )


@router.fact("task.handed_over")
def handed_over(turn: Turn, fact: Fact) -> None:
    """Somebody else is asked: they read it, and so does whoever asked, and whoever had it."""
    task, theirs = showing.task_of(turn, fact), showing.part_of(turn, fact)
    showing.refresh(turn, task)
    showing.tell(turn, task, theirs.person)
    before = turn.session.get(Person, fact.data.get("from_id") or 0)
    if before is None:
        return
    said = {"name": named(before), "other": named(theirs.person), "title": saying.title(task)}
    others = {before.id: before, task.asker_id: task.asker}
    others.pop(theirs.person_id, None)
    note = T("{other} is asked to do “{title}” instead of {name}.", **said)
    given = assignments.own(turn.session, task, before)
    if given is not None and given.reason and others.pop(task.asker_id, None):  # why is for whoever asked
        why = User(shortened(given.reason, saying.REASON))
        showing.tell_asker(turn, task, fact, T("{other} is asked to do “{title}” instead of {name}: {reason}", **said,
                                               reason=why))  # fmt: skip
    showing.tell_all(turn, task, fact, others.values(), note)


@router.fact("task.blocked")
def blocked(turn: Turn, fact: Fact) -> None:
    """Whoever asked reads what is in the way."""
    task, theirs = showing.task_of(turn, fact), showing.part_of(turn, fact)
    showing.refresh(turn, task)
    why = User(shortened(theirs.blocked_because or "", saying.REASON))
    showing.tell_asker(turn, task, fact, T("{name} cannot go on with “{title}”: {reason}", name=named(theirs.person),
                                    title=saying.title(task), reason=why))  # fmt: skip


@router.fact("task.unblocked")
def unblocked(turn: Turn, fact: Fact) -> None:
    """Nothing is in the way any more."""
    task, theirs = showing.task_of(turn, fact), showing.part_of(turn, fact)
    showing.refresh(turn, task)
    showing.tell_asker(turn, task, fact, T("{name} goes on with “{title}”.", name=named(theirs.person),
                                    title=saying.title(task)))  # fmt: skip
