"""Files that people bring in, and the data sets that they become.

`waiting` holds a file until it is kept or a day has passed; `own` holds data sets; `api` is the way in over HTTP.
What is in a file is read by a forked child alone (`trainer.own`), within limits of time and memory.
"""
