"""What forges and schedules tell us: received, verified, normalised, coalesced, replayed."""
