"""What Basira costs and what it finds, beside what others cost: run by anyone, peers from Debian."""
