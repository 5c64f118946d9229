"""What people read: replies, pages and prints. A clerk may edit any file here."""
