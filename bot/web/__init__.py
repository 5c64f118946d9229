"""The web shell: server, pages, limits, errors and static files. What is said in the chat is not its business."""
