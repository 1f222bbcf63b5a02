"""How JSON is shown: whatever could command or mislead a terminal is an escape, and a program reads the same."""

import json
import sys

from socpass_cli.app.output import json_text


def test_what_is_not_printable_is_an_escape_and_the_rest_stands_as_it_is() -> None:
    # given
    strange = [chr(point) for point in range(sys.maxunicode + 1) if not chr(point).isprintable()]
    found = {"имя": "Ёлка \U0001f332", "strange": ",".join(strange), "bidi": "a\u202eb", "half": "\ud800"}

    # then
    for indent in (None, 2):
        written = json_text(found, indent=indent)
        assert json.loads(written) == found
        assert written.replace("\n", "").isprintable()
        assert '"имя": "Ёлка \U0001f332"' in written
        assert "a\\u202eb" in written
