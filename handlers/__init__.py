"""What the bureau does: one package per service, named in the words of the counter."""
