"""Reading sources at their live addresses: transport, cache, one source's client, what is read."""
