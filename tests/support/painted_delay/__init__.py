"""Measure the delay from a camera's picture to its pixels in a browser: `python -m tests.support.painted_delay`.

A network camera on this computer sends pictures that show a running number as coloured blocks. The app analyses them as
any other stream. A script in the live page reads the number back from the video whenever the browser draws the page,
so a time is known to about 17 ms (60 drawings a second).
"""
