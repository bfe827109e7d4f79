"""Notes that the tests of the page ask: one that means harm, and plain ones in two languages."""

from __future__ import annotations

from pathlib import Path

from assistant.library.refresh import rebuild
from assistant.settings import load

HOSTILE = r"""---
tags: [danger]
---
# Hostile <img src=x onerror=window.pwned=0> :material/home: :red[x] ![t](http://evil.example/h.png)

## Disarm a hostile note :smile: -> <- --

Disarm it <script>window.pwned = 1</script> <img src="http://evil.example/a.png" onerror="pwned=2">
by :red[reading] :smile: :material/home: it $\href{javascript:window.pwned=3}{x}$ well -> ok.

![pixel](http://evil.example/pixel.png) ![data](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9MT4=)
[click](javascript:window.pwned=4) [d](data:text/html,<script>1</script>) <javascript:alert(1)>
[away](https://ok.example/) [beside](plain.md)

<style>body{background:url(http://evil.example/css)}</style>
<iframe src="http://evil.example/frame"></iframe>
<svg onload="window.pwned=5"></svg>

$$
\href{javascript:window.pwned=6}{x} \includegraphics{http://evil.example/tex.png}
$$

```mermaid"><img src=http://evil.example/fence.png>
graph TD; A-->B
```

| a | ![c](http://evil.example/cell.png) |
|---|---|
| <b onmouseover=window.pwned=7>x</b> | [y](vbscript:x) |
"""

EGGS = """---
title: Eggs
tags: [kitchen, short]
---
# Eggs

## Boil an egg

Put the egg into boiling water for eight minutes. Then cool it under cold water. It is easy to peel
then, since the shell has come off the skin below it, and the yolk is just set.

```python
minutes = 8
print("egg")
```

The energy is $E = mc^2$ as ever:

$$
E = mc^2
$$

## Fry an egg

Heat some oil in a pan, break the egg into it, and wait until the white is firm. Salt it last. Turn
it over for a moment if the yolk should be firm as well, and serve it on toast.

## Time the eggs

1. Start a timer when the water boils, and note down when each egg went in:

   ```python
   start = "<now>"
   ```
"""

CHINESE = """# 鸡蛋

## 怎么煮鸡蛋

把鸡蛋放进开水里煮八分钟，然后用冷水冷却。这样蛋壳容易剥开，蛋黄也刚好凝固。
"""


def write(folder: Path) -> Path:
    """Write the notes and settings for them below a folder; return the notes' folder."""
    notes = folder / "notes"
    (notes / "kitchen").mkdir(parents=True)
    (notes / "hostile.md").write_text(HOSTILE, encoding="utf-8")
    (notes / "kitchen" / "eggs.md").write_text(EGGS, encoding="utf-8")
    (notes / "chinese.md").write_text(CHINESE, encoding="utf-8")
    (folder / "assistant.toml").write_text('notes = ["notes"]\nindex = "index"\n', encoding="utf-8")
    return notes


def build(folder: Path) -> None:
    """Bring the index of the notes below a folder up to date."""
    settings = load.load(folder / "assistant.toml", environment={})
    rebuild(settings, settings.notes)
