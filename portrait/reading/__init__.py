"""What the app and the report share: questions to the published file, words, and HTML.

`queries/` asks the file, `words.yml` holds what is said of the answers in both languages,
`markup.py` writes tiles and tables. Nothing here knows Streamlit.
"""
