"""What can be the matter with a run, one finding a file: the folder is the registry, the file's name is the finding's.

A file has a docstring (what it is, why it matters, `Source:`), its thresholds as constants with the reason beside each,
and `look(case)`, which returns the finding or None. EXPLAINS names findings that are left out while this one is likely:
they are its symptoms, and what one would try against them would not help.
"""
