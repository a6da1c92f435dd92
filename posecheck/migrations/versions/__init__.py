"""One module a version of the history's tables; never changed once released."""
