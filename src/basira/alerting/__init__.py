"""What must reach a person at once: alerts, alarms, webhooks."""
