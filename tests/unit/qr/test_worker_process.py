"""The process that decodes what comes from outside: it is limited, ended and replaced, and its owner does not notice."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks import bomb_files
from PIL import Image

from said import refused
from socpass_vc.errors import NoCodeFound
from socpass_vc.qr import limits, read, worker, worker_process
from socpass_vc.qr.read import read_codes
from socpass_vc.qr.worker_process import Film
from unit.qr.pictures import TEXT, drawn, saved
from unit.qr.processor import processor_seconds

CLEAN = saved(drawn(), "PNG")
ENDLESS = "import time; time.sleep(600)"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each test a program that has read its first picture, and no process."""
    monkeypatch.setattr(read.FirstGlance, "is_over", True)
    worker_process.end_if_warm()
    yield
    worker_process.end_if_warm()


def pid() -> int:
    found = worker_process.pid_if_warm()
    assert found is not None
    return found


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until_gone(process: int) -> None:
    until = time.monotonic() + 30
    while is_running(process):
        assert time.monotonic() < until
        time.sleep(0.02)


def run_script(folder: Path, text: str, *arguments: str) -> list[str]:
    """Return the lines that a program prints; it has no ``if __name__ == "__main__"``."""
    (folder / "program.py").write_text(text)
    (folder / "clean.png").write_bytes(CLEAN)
    (folder / "clean.webp").write_bytes(saved(drawn(), "WEBP", lossless=True))
    command = [sys.executable, str(folder / "program.py"), str(folder), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert ended.stderr == ""
    return ended.stdout.splitlines()


# --- What takes too much ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["PDF, nested forms", "PDF, a page packed twice", "PNG, 64 megapixels in colours", "TIFF, packed in colours", "AVIF"]
)
def test_what_takes_too_much_memory_is_refused_by_name_and_the_next_picture_is_read(name: str) -> None:
    # given
    assert read_codes(CLEAN) == (TEXT,)
    first = pid()
    # when
    started = processor_seconds()
    with refused(NoCodeFound, "picture_takes_too_much"):
        read_codes(bomb_files.PICTURES[name]())
    # then
    assert processor_seconds() - started < limits.PROCESSOR_SECONDS + 2
    assert not is_running(first)
    assert read_codes(CLEAN) == (TEXT,)
    assert pid() != first


def test_what_takes_too_much_processor_time_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a process that may use one second
    start = "import socpass_vc.qr.limits as l; f = l.limit_processor; l.limit_processor = lambda: f(1);"
    monkeypatch.setattr(worker_process, "START", worker_process.START.replace("from", start + " from", 1))
    # when
    started = processor_seconds()
    with refused(NoCodeFound, "picture_takes_too_much"):
        read_codes(bomb_files.PICTURES["JPEG, finder patterns"]())
    # then
    assert processor_seconds() - started < 4


def test_what_does_not_end_by_the_clock_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(worker_process, "START", ENDLESS)
    monkeypatch.setattr(limits, "CLOCK_SECONDS", 0.3)
    # then
    with refused(NoCodeFound, "picture_takes_too_much"):
        read_codes(CLEAN)
    assert worker_process.pid_if_warm() is None


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_the_process_is_limited_before_it_decodes() -> None:
    # given
    read_codes(CLEAN)
    # then
    lines = Path(f"/proc/{pid()}/limits").read_text(encoding="ascii").splitlines()
    said = {line[:26].strip(): line[26:].split()[:2] for line in lines}
    assert said["Max data size"] == [str(limits.MEMORY_BYTES)] * 2
    assert said["Max core file size"] == ["0", "0"]
    assert 0 < int(said["Max cpu time"][0]) <= limits.PROCESSOR_SECONDS + 2


def test_a_large_photograph_is_read_within_the_limits() -> None:
    # given 48 megapixels in colours
    photo = Image.new("RGB", (8000, 6000), (120, 110, 100))
    photo.paste(drawn(scale=40), (300, 300))
    # then
    assert read_codes(saved(photo, "JPEG", quality=70)) == (TEXT,)


# --- What ends, and what comes after ---------------------------------------------------------------------------------


def test_one_process_serves_one_picture_after_another() -> None:
    read_codes(CLEAN)
    first = pid()
    with pytest.raises(NoCodeFound):
        read_codes(CLEAN[: len(CLEAN) // 2])
    read_codes(CLEAN)
    assert pid() == first


def test_a_process_that_was_killed_between_two_pictures_is_replaced() -> None:
    # given
    read_codes(CLEAN)
    first = pid()
    os.kill(first, signal.SIGKILL)
    wait_until_gone(first)
    # then
    assert read_codes(CLEAN) == (TEXT,)
    assert pid() != first


def test_what_was_read_before_the_process_was_ended_is_returned() -> None:
    # given
    def kill(_: str) -> bool:
        os.kill(pid(), signal.SIGKILL)
        return False

    # then
    assert read_codes(CLEAN, enough=kill) == (TEXT,)
    assert read_codes(CLEAN) == (TEXT,)


def test_a_process_is_replaced_after_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    # given one that serves two
    start = "import socpass_vc.qr.worker as w; w.MOST_FILES = 2;"
    monkeypatch.setattr(worker_process, "START", worker_process.START.replace("from", start + " from", 1))
    # when
    pids = []
    for _ in range(5):
        assert read_codes(CLEAN) == (TEXT,)
        pids.append(worker_process.pid_if_warm())
    # then
    assert pids[0] is not pids[1] is pids[3] is None
    assert len({*pids}) == 4


def test_an_error_in_the_callers_own_test_comes_through_and_the_next_picture_is_read() -> None:
    # given
    def fail(_: str) -> bool:
        raise ZeroDivisionError

    # then
    with pytest.raises(ZeroDivisionError):
        read_codes(CLEAN, enough=fail)
    assert read_codes(CLEAN) == (TEXT,)


def test_a_picture_cannot_be_read_within_another() -> None:
    with pytest.raises(RuntimeError, match="enough"):
        read_codes(CLEAN, enough=lambda _: bool(read_codes(CLEAN)))
    assert read_codes(CLEAN) == (TEXT,)


@pytest.mark.parametrize(
    "line",
    ["", "nonsense\\n", "[1]\\n", '{"found": []}\\n', '{"found": [7]}\\n', '{"refused": "no such reason", "facts": {}}\\n',
     '{"refused": 7}\\n', "{" * 9, "endless"],
)  # fmt: skip
def test_what_no_such_process_would_say_is_not_believed(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    times = worker_process.MAX_ANSWER_BYTES if line == "endless" else 1
    monkeypatch.setattr(worker_process, "START", f"print('{line}' * {times}, end='', flush=True); {ENDLESS}")
    monkeypatch.setattr(limits, "CLOCK_SECONDS", 3)
    # then
    with refused(NoCodeFound, "picture_takes_too_much"):
        read_codes(CLEAN)


# --- Programs of all kinds -------------------------------------------------------------------------------------------


def test_threads_may_read_at_the_same_time() -> None:
    # given
    texts = [f"SOCPASS:{number}" for number in range(12)]
    files = [saved(drawn(text, scale=3), "PNG") for text in texts]
    # when
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda file: read_codes(file, enough=lambda _: True), files))
    # then
    assert found == [(text,) for text in texts]


def test_a_program_without_a_guard_of_its_main_module_runs_once(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from socpass_vc import read_codes
print("started")
for name in ("clean.webp", "clean.png"):
    print(*read_codes(Path(sys.argv[1], name)))
"""
    assert run_script(tmp_path, program) == ["started", TEXT, TEXT]


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)", "sys.exit(0)"])
def test_the_process_ends_with_its_owner(end: str, tmp_path: Path) -> None:
    # given
    program = f"""
import os, sys
from pathlib import Path
from socpass_vc.qr import worker_process
from socpass_vc.qr.read import read_codes
from socpass_vc.qr.worker_process import Film
from socpass_vc.qr.worker_process import Film
read_codes(Path(sys.argv[1], "clean.webp"))
Path(sys.argv[1], "pid").write_text(str(worker_process.pid_if_warm()))
{end}
"""
    (tmp_path / "program.py").write_text(program)
    (tmp_path / "clean.webp").write_bytes(saved(drawn(), "WEBP"))
    # when
    subprocess.run([sys.executable, str(tmp_path / "program.py"), str(tmp_path)], check=False, timeout=60)
    # then
    wait_until_gone(int((tmp_path / "pid").read_text()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_program_has_a_process_of_its_own(tmp_path: Path) -> None:
    program = """
import os, sys, warnings
from pathlib import Path
from socpass_vc.qr import worker_process
from socpass_vc.qr.read import read_codes
from socpass_vc.qr.worker_process import Film
from socpass_vc.qr.worker_process import Film
warnings.simplefilter("ignore")
picture = Path(sys.argv[1], "clean.webp")
read_codes(picture)
before = worker_process.pid_if_warm()
child = os.fork()
if not child:
    own = read_codes(picture) and worker_process.pid_if_warm()
    worker_process.end_if_warm()
    os._exit(0 if own != before else 1)
_, status = os.waitpid(child, 0)
print(status, read_codes(picture) != () and worker_process.pid_if_warm() == before)
"""
    assert run_script(tmp_path, program) == ["0 True"]


@pytest.mark.skipif(not hasattr(os, "getpgid"), reason="there are no process groups")
def test_ctrl_c_at_the_terminal_is_not_for_the_process() -> None:
    read_codes(CLEAN)
    assert os.getpgid(pid()) != os.getpgid(0)
    os.kill(pid(), signal.SIGINT)
    first = pid()
    assert read_codes(CLEAN) == (TEXT,)
    assert pid() == first


def test_the_first_small_picture_of_a_program_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    photo = Image.new("L", (1500, 1400), 255)
    photo.paste(drawn(), (9, 9))
    first_of = {"small": CLEAN, "large": saved(photo, "JPEG"), "of another kind": saved(drawn(), "GIF")}
    # when
    started = {}
    for name, file in first_of.items():
        worker_process.end_if_warm()
        monkeypatch.setattr(read.FirstGlance, "is_over", False)
        assert read_codes(file) == (TEXT,)
        started[name] = worker_process.pid_if_warm() is not None
    # then
    assert started == {"small": False, "large": True, "of another kind": True}


def test_a_small_picture_that_lies_about_its_size_or_holds_more_is_left_to_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a JPEG with a small frame in front of its own, an animation, and noise in which one look finds nothing
    large = saved(Image.new("L", (3000, 3000), 200), "JPEG")
    at = large.index(b"\xff\xc0")
    lying = large[:at] + b"\xff\xc0\x00\x0b\x08\x00\x09\x00\x09\x01\x01\x11\x00" + large[at:]
    blank = Image.new("L", drawn().size, 255)
    animation = saved(blank, "PNG", save_all=True, append_images=[drawn()])
    for file, text in ((lying, None), (animation, TEXT), (saved(Image.effect_noise((99, 99), 90), "JPEG"), None)):
        worker_process.end_if_warm()
        monkeypatch.setattr(read.FirstGlance, "is_over", False)
        # when
        try:
            found: tuple[str, ...] = read_codes(file)
        except NoCodeFound:
            found = ()
        # then
        assert found == ((text,) if text else ())
        assert worker_process.pid_if_warm() is not None


# --- Programs that have no interpreter to start ----------------------------------------------------------------------


@pytest.mark.parametrize("way", ["frozen", "embedded", "no name"])
def test_a_program_without_an_interpreter_reads_png_and_jpeg_itself_and_refuses_the_rest(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    (tmp_path / "till").write_text(f"#!/bin/sh\ntouch '{tmp_path}/second'")
    (tmp_path / "till").chmod(0o755)
    if way == "frozen":
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    else:
        monkeypatch.setattr(sys, "executable", {"embedded": str(tmp_path / "till"), "no name": ""}[way])
    photo = Image.new("RGB", (4000, 3000), (200, 200, 200))
    photo.paste(drawn(scale=20), (500, 500))
    # then
    for kind in ("PNG", "JPEG", "PPM"):
        assert read_codes(saved(photo, kind)) == (TEXT,)
    for kind, name in (("TIFF", "TIFF"), ("PDF", "PDF"), ("WEBP", "WebP"), ("GIF", "GIF")):
        with refused(NoCodeFound, "picture_needs_an_interpreter", kind=name):
            read_codes(saved(drawn(), kind))
    with refused(NoCodeFound, "picture_too_large", limit_pixels=read.MAX_PIXELS_WITHOUT_A_PROCESS):
        read_codes(saved(Image.new("L", (5000, 5000)), "PNG"))
    assert worker_process.pid_if_warm() is None
    assert not (tmp_path / "second").exists()


def test_an_interpreter_that_is_gone_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with refused(NoCodeFound, "picture_reader_does_not_start"):
        read_codes(CLEAN)


# --- A film ----------------------------------------------------------------------------------------------------------


def film(path: Path, *pictures: Image.Image) -> str:
    """Write a film of *pictures*, one frame each."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (640, 480))
    for picture in pictures:
        sheet = Image.new("L", (640, 480), 255)
        sheet.paste(picture, (90, 70))
        writer.write(np.asarray(sheet.convert("RGB")))
    writer.release()
    return str(path)


def test_the_frames_of_a_film_are_decoded_in_a_process_of_its_own(tmp_path: Path) -> None:
    # given
    shown = Film(film(tmp_path / "till.avi", drawn(), Image.new("L", (9, 9), 200), drawn("SOCPASS:2")))
    # when
    frames = [shown.next_frame() for _ in range(4)]
    shown.close()
    # then
    assert frames == [(TEXT,), (), ("SOCPASS:2",), None]


def test_a_film_that_is_none_is_an_error_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "no.avi").write_bytes(b"RIFF" + bytes(4000))
    shown = Film(str(tmp_path / "no.avi"))
    with pytest.raises(OSError, match="no video"):
        shown.next_frame()
    shown.close()


def test_a_film_that_takes_too_much_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a process without memory for a frame
    start = "import socpass_vc.qr.limits as l; f = l.limit_memory; l.limit_memory = lambda: f(40 * 2**20);"
    monkeypatch.setattr(worker_process, "START", worker_process.START.replace("from", start + " from", 1))
    shown = Film(film(tmp_path / "till.avi", drawn()))
    # then
    with refused(NoCodeFound, "picture_takes_too_much"):
        shown.next_frame()
    shown.close()


def test_a_program_without_an_interpreter_shows_no_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(OSError, match="interpreter"):
        Film(film(tmp_path / "till.avi", drawn()))


# --- The process from within -----------------------------------------------------------------------------------------


def request(file: bytes, replies: bytes = b"", *, budget_seconds: float = 2) -> bytes:
    return worker.HEAD.pack(worker.FILE, budget_seconds, len(file)) + file + replies


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "limit_processor", lambda: None)


@pytest.mark.usefixtures("unlimited")
def test_a_request_is_answered_by_a_question_for_each_text_and_a_result() -> None:
    # given
    answers = io.BytesIO()
    # when
    worker.serve(io.BytesIO(request(CLEAN, worker.YES) + request(b"%PDF-", b"")), answers)
    # then
    asked, found, damaged = map(json.loads, answers.getvalue().splitlines())
    assert asked == {"ask": TEXT}
    assert found == {"found": [TEXT], "last": False}
    assert damaged == {"refused": "picture_damaged", "facts": {"kind": "PDF"}, "last": False}


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("requests", [request(CLEAN)[:9], request(CLEAN)[:-9], request(CLEAN)])
def test_requests_that_break_off_end_it(requests: bytes) -> None:
    with pytest.raises(EOFError):
        worker.serve(io.BytesIO(requests), io.BytesIO())


@pytest.mark.usefixtures("unlimited")
def test_memory_that_is_not_there_ends_it_with_a_word() -> None:
    # given a length that no memory has
    answers = io.BytesIO()
    # when
    worker.serve(_NoMemory(request(CLEAN)), answers)
    # then
    assert json.loads(answers.getvalue()) == {"refused": "picture_takes_too_much", "facts": {}, "last": True}


class _NoMemory(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        if size == len(CLEAN):
            raise MemoryError
        return super().read(size)
