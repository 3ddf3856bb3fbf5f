"""The report: the figures of a build as one page. docs/report.md explains it.

`figures.py` asks the published file, `drawing.py` draws charts as SVG, `page.py` writes the page.
"""
