"""What people have decided: cameras, zones, holds, users, webhooks. The only database people write."""
