"""Comparing systems on one yardstick; the door is ``intermezzo.queries.compare``."""
