"""The sessions file: opened, checked, migrated, copied, recovered and purged."""
