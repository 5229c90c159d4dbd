"""One reader for each file layout of a data set; with `keep_blank` blank images are kept too: scoring drops none."""
