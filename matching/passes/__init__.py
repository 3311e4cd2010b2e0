"""The passes that complete identities, by what they complete; `matching.completion` orders them."""
