"""The dictionary: every published table and column on one page. docs/dictionary.md explains it.

`catalogue.py` reads what is known of them, `zh.yml` has their Chinese, `page.py` writes the page.
"""
