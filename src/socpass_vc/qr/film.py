"""The frames of a video file, in shades of grey, as OpenCV decodes them; knows no QR codes.

It sets OpenCV up for a process that is limited: one thread, and not a word on standard error.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from typing import Any

_QUIET_AND_ALONE = {
    "OPENCV_LOG_LEVEL": "SILENT",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_FFMPEG_CAPTURE_OPTIONS": "threads;1",
    "OPENBLAS_NUM_THREADS": "1",
}
_PLANES_OF_COLOUR = 3


def frames(path: str) -> Iterator[bytes]:
    """Yield each frame as the content of a PGM file.

    Raises:
        OSError: it is no video, or none that OpenCV reads.
    """
    os.environ.update(_QUIET_AND_ALONE)  # read when they load
    cv2: Any = import_module("cv2")
    cv2.setNumThreads(1)
    try:
        capture = cv2.VideoCapture(path)
        if not capture.isOpened():
            raise OSError("no video")
        while True:
            is_there, frame = capture.read()
            if not is_there:
                return
            grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == _PLANES_OF_COLOUR else frame
            yield b"P5 %d %d 255\n" % (grey.shape[1], grey.shape[0]) + grey.tobytes()
    except cv2.error as error:
        raise OSError("no video") from error
