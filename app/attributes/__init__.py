"""What the app can say about a face: one description per attribute, from which everything else follows."""
