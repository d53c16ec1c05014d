# on: empty; off: empty
# Is empty but for comments.
