"""HTTP only: addresses, bodies, statuses. It decides nothing; `routes` lists every address."""
