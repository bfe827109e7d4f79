"""The names of months as dates have them, in English and in languages near it. Pure."""

from __future__ import annotations

import re

_NAMES = (
    "jan january januar jänner janvier enero gennaio janeiro januari января январь январе",
    "feb february februar février fevrier febrero febbraio fevereiro februari февраля февраль"
    " феврале",
    "mar march mär märz maerz mars marzo março maart марта март марте",
    "apr april avril abril aprile апреля апрель апреле",
    "may mai mayo maggio maio mei maj мая май мае",
    "jun june juni juin junio giugno junho июня июнь июне",
    "jul july juli juillet julio luglio julho июля июль июле",
    "aug august août aout agosto augustus augusti августа август августе",
    "sep sept september septembre septiembre settembre setembro сентября сентябрь сентябре",
    "oct october okt oktober octobre octubre ottobre outubro октября октябрь октябре",
    "nov november novembre noviembre novembro ноября ноябрь ноябре",
    "dec december dez dezember décembre decembre diciembre dicembre dezembro декабря декабрь"
    " декабре",
)
"""Of each month, in English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish and
Russian; the short ones that are words of their own in another of these are left out."""

_NUMBERS = {name: number for number, line in enumerate(_NAMES, 1) for name in line.split()}

NAMES = frozenset(_NUMBERS)
"""All of them, lower case."""

PATTERN = f"(?:{'|'.join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True))})"
"""Of a regular expression that ignores case."""


def number(name: str) -> int:
    """Return the number of a month, from 1, by a name that ``PATTERN`` matches."""
    return _NUMBERS[name.lower()]
