"""Face crops and the LiteRT networks that read them."""
