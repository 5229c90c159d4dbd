"""What is trained: attributes of face crops, face detection, facial landmarks."""
