"""The machinery that knows no business: declarations, the compiler from selections to SQL, documents and plans."""
