"""Engines that find chunks: one file each. What they keep is derived and can be made again from the documents."""
