"""Run a project's tests in the Python that starts this package, which imports nothing else of this product.

It is started by the path of its ``__main__.py``, with the Python of the project's environment, and supports Python 3.8.
"""
