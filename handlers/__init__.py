"""Features: one folder each, written once for all platforms."""

from bot.router import Router


def all_routes() -> Router:
    """One router with the routes of every feature."""
    from handlers.home.digest import routes as digests

    router = Router()
    for feature in features():
        router.include(feature)
    router.include(digests(router))
    return router


def features() -> list[Router]:
    """The routes of every feature. Of message handlers, the first that takes a message ends the search."""
    from handlers.accounts.routes import router as accounts
    from handlers.admin.leaving import router as leaving
    from handlers.admin.routes import router as admin
    from handlers.announcements.routes import router as announcements
    from handlers.answers.routes import router as answers
    from handlers.decisions.routes import router as decisions
    from handlers.experts.routes import router as experts
    from handlers.home.routes import router as home
    from handlers.hooks.routes import router as hooks
    from handlers.imports.work import router as imports
    from handlers.knowledge.routes import router as knowledge
    from handlers.places.routes import router as places
    from handlers.privacy.routes import router as privacy
    from handlers.questions.routes import router as questions
    from handlers.recognition.routes import router as recognition
    from handlers.tasks.routes import router as tasks
    from handlers.threads.routes import router as threads
    from handlers.translations.routes import router as translations

    agreed = [tasks, decisions]
    asked = [home, announcements, answers, experts, threads, questions, places, knowledge, recognition, translations]
    return [*agreed, *asked, imports, admin, hooks, leaving, accounts, privacy]
