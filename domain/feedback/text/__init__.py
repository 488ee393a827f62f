"""Reading what customers write: language, mood, keyphrases, and the themes these add up to. Only workers import it."""
