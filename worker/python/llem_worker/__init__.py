"""Parts of the Python worker; see main.py."""
