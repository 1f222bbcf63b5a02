"""A camera, or a video file in its place: looks at one frame after another, and gives the texts of the codes it sees.

It knows OpenCV for the camera of this machine. A video file is foreign, so qr.worker_process decodes it; how a code is read in a
frame is qr.read's.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from socpass_cli.app.language import tr
from socpass_cli.scan.streams import AGAIN_SECONDS, ScanNotice
from socpass_cli.verdict.inputs import Source
from socpass_vc.errors import NoCodeFound, SourceError
from socpass_vc.qr.read import read_codes
from socpass_vc.qr.worker_process import Film

if TYPE_CHECKING:
    from cv2 import VideoCapture

FRAME_SECONDS = 0.1
"""Between two frames of a camera that are looked at; a hand holds a code still for longer."""

_PLANES_OF_COLOUR = 3


class Camera:
    """A camera by its number, or a video file by its path; unplugged, a camera is waited for; a file ends."""

    def __init__(self, number_or_file: str) -> None:
        # Both write to standard error, over the verdict, unless told before they load.
        os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        try:
            self._cv2: Any = import_module("cv2")
        except ImportError as error:
            raise SourceError("cli.scan.needs_opencv") from error
        self._is_file = not number_or_file.isascii() or not number_or_file.isdigit()
        if self._is_file and not Path(number_or_file).is_file():
            raise SourceError("system.no_such_file").at(number_or_file)
        self._which = 0 if self._is_file else int(number_or_file)
        self._name = number_or_file if self._is_file else tr("cli.scan.camera", number=number_or_file)
        self._capture: VideoCapture | None = None
        self._film: Film | None = None
        self._is_missed = False
        self._due_at = monotonic()

    def poll(self, seconds: float) -> list[Source | ScanNotice] | None:
        """Return what the next frame shows."""
        if self._is_file:
            return self._next_of_film()
        if self._capture is None:
            return self._open(seconds)
        left = self._due_at - monotonic()
        if left > 0:
            sleep(min(left, seconds))
        self._due_at = monotonic() + FRAME_SECONDS
        picture = self._frame()
        if picture is None:
            self._capture.release()
            self._capture = None
            return [self._miss()]
        try:
            # One look and no more: the next frame is a better second look than any that this one could get.
            return [Source(self._name, text="\n".join(read_codes(picture, budget_seconds=0)))]
        except NoCodeFound:
            return []

    def _open(self, seconds: float) -> list[Source | ScanNotice] | None:
        try:
            capture = self._cv2.VideoCapture(self._which)
            is_open = capture.isOpened()
        except self._cv2.error:
            is_open = False
        if is_open:
            capture.set(self._cv2.CAP_PROP_BUFFERSIZE, 1)  # the frame of now, not of a second ago
            self._capture = capture
            self._is_missed = False
            return [ScanNotice(tr("cli.scan.camera_on", camera=self._name))]
        if not self._is_missed:
            return [self._miss()]
        sleep(max(seconds, AGAIN_SECONDS))
        return []

    def _next_of_film(self) -> list[Source | ScanNotice] | None:
        try:
            if self._film is None:
                self._film = Film(self._name)
            texts = self._film.next_frame()
        except OSError as error:
            self._close_film()
            raise SourceError("cli.scan.no_video", path=self._name).at(self._name) from error
        except NoCodeFound as error:
            self._close_film()
            raise SourceError(error.reason, **error.facts).at(self._name) from error
        if texts is None:
            self._close_film()
            return None
        return [Source(self._name, text="\n".join(texts))] if texts else []

    def _close_film(self) -> None:
        if self._film is not None:
            self._film.close()

    def _frame(self) -> bytes | None:
        """Return the next frame as a picture file, in shades of grey, or None if there is none."""
        if self._capture is None:
            return None
        try:
            is_there, frame = self._capture.read()
            if not is_there:
                return None
            grey = self._cv2.cvtColor(frame, self._cv2.COLOR_BGR2GRAY) if frame.ndim == _PLANES_OF_COLOUR else frame
        except self._cv2.error:
            return None
        return b"P5 %d %d 255\n" % (grey.shape[1], grey.shape[0]) + grey.tobytes()

    def _miss(self) -> ScanNotice:
        self._is_missed = True
        return ScanNotice(tr("cli.scan.camera_away", camera=self._name))
