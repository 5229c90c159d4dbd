"""OpenCV's Haar cascade step by step: integral image, features, stages."""
