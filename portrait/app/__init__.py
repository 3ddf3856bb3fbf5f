"""The app: the published file in a browser, read only. docs/app.md explains it.

`queries/` asks the file and knows no Streamlit, `screens/` shows the answers, `words.yml` holds
what they say in both languages.
"""
