"""Texts of before Unicode: read where it is sure what they are in, and else refused."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.notes import read
from assistant.notes.encodings import decoded
from assistant.records import Note, NoteFile

TEXTS = {
    "fr": "# Café\n\nLe garçon a mangé des crêpes à l'Hôtel. Où est la forêt?\n",
    "de": "# Größe\n\nDie Straße ist naß und der Fluß führt Hochwasser; schöne Grüße, Übung.\n",
    "en": "# Note\n\nIt’s a “smart” quote — and an ellipsis… plus €5 for the café at the corner.\n",
    "zh": "# 显存\n\n如何释放显存？使用清空缓存的函数，然后重载模型。\n",
    "tw": "# 記憶體\n\n如何釋放記憶體？請使用清除快取的函式，然後重新載入。\n",
    "ja": "# メモ\n\nメモリを解放するにはどうすればいいですか。キャッシュをクリアしてください。\n",
    "ru": "# Заметка\n\nКак освободить память видеокарты? Очистите кэш и загрузите модель.\n",
    "pl": "# Zażółć\n\nZażółć gęślą jaźń. Proszę o pięć kaw i ciastko; dzień dobry.\n",
}


@pytest.mark.parametrize(
    ("language", "codec", "name"),
    [
        ("fr", "latin-1", "Windows-1252"),
        ("fr", "cp1252", "Windows-1252"),
        ("de", "latin-1", "Windows-1252"),
        ("en", "cp1252", "Windows-1252"),
        ("zh", "gb18030", "GB18030"),
        ("tw", "big5", "Big5"),
        ("ja", "shift_jis", "Shift-JIS"),
        ("ja", "euc_jp", "EUC-JP"),
        ("ru", "koi8-r", "KOI8-R"),
        ("ru", "cp1251", "Windows-1251"),
        ("pl", "cp1250", "Windows-1250"),
    ],
)
def test_texts_of_before_unicode_are_read(
    tmp_path: Path, language: str, codec: str, name: str
) -> None:
    """A text is read as it was written, and the note says what it was in."""
    (tmp_path / "a.md").write_bytes(TEXTS[language].encode(codec))
    note = read(NoteFile(tmp_path, "a.md", 0, 0))

    assert isinstance(note, Note)
    assert note.text == TEXTS[language]
    assert [str(remark) for remark in note.remarks] == [f": read as {name}, since it is not UTF-8"]


@pytest.mark.parametrize(
    "raw",
    [
        "café".encode("latin-1"),
        "显存".encode("gb18030"),
        "# GPU\n\n释放显存。\n".encode("gb18030"),
        TEXTS["pl"].encode("iso8859-2"),
        b"\x01" + TEXTS["fr"].encode("latin-1"),
        random.Random(0).randbytes(3000).replace(b"\0", b""),
        bytes(random.Random(1).choices([9, 10, *range(32, 127), *range(128, 256)], k=3000)),
        b"\xef\xbb\xbf" + TEXTS["fr"].encode("latin-1"),
    ],
)
def test_what_is_not_sure_is_refused(raw: bytes) -> None:
    """A few words, an encoding much like another, and what is no text are not guessed at."""
    assert decoded(raw).reason.startswith("not UTF-8 text: byte 0x")


def test_unicode_needs_no_guess(tmp_path: Path) -> None:
    """The library that guesses is not even imported for UTF-8 and UTF-16."""
    (tmp_path / "a.md").write_text(TEXTS["zh"], "utf-8")
    (tmp_path / "b.md").write_text(TEXTS["zh"], "utf-16")
    script = (
        "import sys; from pathlib import Path; from assistant.notes import read, walk;"
        "print(all(read(f).text for f in walk([Path(sys.argv[1])])[0]),"
        "'charset_normalizer' in sys.modules)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == (
        "True False\n"
    )
