"""The library behind the steps: each script imports only the modules that it needs."""
