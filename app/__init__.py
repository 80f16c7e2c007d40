"""The server: launches runs, follows their logs, serves the pages. Never imports torch."""
