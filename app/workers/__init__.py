"""Where trainers run. One file a kind of place; `local` forks them on this machine."""
