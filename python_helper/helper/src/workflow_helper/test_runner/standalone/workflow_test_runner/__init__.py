"""Runs a project's tests in whatever Python starts this package, which imports nothing else of this product.

It is started by the path of its folder's ``__main__.py``, with the Python of the project's environment, and parses on Python 3.8.
"""
