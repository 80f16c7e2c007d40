"""Lessons: classic experiments as data, that say themselves whether they landed where the reference did.

A lesson is lessons/<name>.yaml (`app.lessons.format`), its Korean words are beside it. Its runs are trained as any
other; `app.lessons.grading` reads what they left and compares it with the lesson's bands. docs/lessons.md says how to
write one.
"""
