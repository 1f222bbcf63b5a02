"""The pass itself: claims, their bytes, the signed token and the holder's proof."""
