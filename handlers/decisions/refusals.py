"""What is said to people where a decision cannot be begun, taken part in, or ended as they want it."""

from __future__ import annotations

from bot import filled
from bot.cards import T
from bot.router import Router
from models.base import Refusal

SENTENCES = {
    **filled.SENTENCES,
    **filled.NAMED,
    "not_found": T("That does not exist, or it is not for you to see."),
    "not_allowed": T("Only the person it belongs to can do that. You can ask your own question."),
    "few_options": T("Write at least two things that can be chosen, each on a line of its own."),
    "too_many_choices": T("At most {most} things can be chosen. Leave some out.", most=0),
    "nothing_chosen": T("Choose something first, or close the form."),
    "unknown_choice": T("That cannot be chosen here. Choose one of those that are shown."),
    "unknown_mode": T("Choose from the list who decides."),
    "unknown_place": T("I do not know this place yet. Write to me in our own chat."),
    "choose_place": T("Choose from the list where it is decided."),
    "nowhere_to_decide": T("You are in no channel that I know. Add me to one, and decide there."),
    "who_decides": T("Say here who decides, or choose that everybody does."),
    "everybody_decides": T("Everybody decides, as you chose above. Leave this empty, or choose “These people”."),
    "one_decides": T("Name one person here: they decide."),
    "guest_decides": T("{name} is no employee here and cannot decide for others. Name somebody else.", name=""),
    "too_few_for_anonymous": T(
        "Of fewer than {least} people each would know what the others chose. Name more, or decide openly.", least=0),
    "no_quorum": T("Write how many must take part as a number, or leave it empty."),
    "quorum_too_high": T("Only {n} person decides. Write fewer.", "Only {n} people decide. Write fewer.", n=0),
    "no_proposals": T("Whoever asked wants these choices alone. Choose one of them, or write why not in your reason."),
    "others_decide": T("Others were asked to decide this. You can tell them in the thread what you think."),
    "said_already": T("You took part already. This is anonymous: I do not know what you chose, so I cannot change it."),
    "time_is_over": T("The time to have a say is over. What came of it is on its way."),
    "counted_already": T(
        "This is anonymous and was counted: the difference would tell what others choose later. Decide it again."),
    "decision_open": T("This is still being decided."),
    "decision_decided": T("This is decided already. Press “More” to decide it again."),
    "decision_undecided": T("Its time is over, and nothing was chosen. Whoever asked can give it more time."),
    "decision_withdrawn": T("This was withdrawn."),
    "not_decided": T("Nothing is decided here yet."),
    "one_person_decides": T("{name} decides this. You can have your say until then.", name=""),
    "not_everybody_said": T(
        "{n} person has not had their say. Wait, choose another end, or withdraw it.",
        "{n} people have not had their say. Wait, choose another end, or withdraw it.", n=0),
    "nobody_said": T("Nobody has had their say yet. Wait, choose another end, or withdraw it."),
    "unknown_decision": T("Write the number of a decision, such as /decisions 12, or some words to look for."),
}  # fmt: skip


def said(refusal: Refusal) -> T:
    """What is said of one."""
    return filled.said(refusal, SENTENCES)


router = Router()
router.refusal(**SENTENCES)
