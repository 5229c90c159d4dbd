import cv2
import numpy as np

from app.vision.drawing.jpeg import encode_jpeg


def test_the_jpeg_shows_the_picture_in_its_colours():
    image = np.zeros((48, 64, 3), np.uint8)
    image[..., 0] = 200
    decode_cells = cv2.imdecode(np.frombuffer(encode_jpeg(image), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert decode_cells.shape == image.shape
    assert np.abs(decode_cells.astype(int) - image).max() < 6
