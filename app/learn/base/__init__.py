"""What all lessons are made of: parameters, models and answers."""
