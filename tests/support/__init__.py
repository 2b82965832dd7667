"""What the black-box tests share: a real server process, checked HTTP clients, sample objects."""
