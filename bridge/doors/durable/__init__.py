"""The way to work that survives a crash: queues, deadlines, schedules, recovery."""
