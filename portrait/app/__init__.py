"""The app: the published file in a browser, read only. docs/app.md explains it.

`screens/` shows the answers of `queries/` here and of `portrait/reading`, which the report shares.
"""
