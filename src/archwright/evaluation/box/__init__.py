"""What runs inside a box, and the words it shares with the supervisor: it never sees a label it is scored on."""
