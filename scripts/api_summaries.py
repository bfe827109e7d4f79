"""Make assistant/language/data/apis.tsv: public names of Python libraries with what each is for.

    python scripts/api_summaries.py

The first sentence of each docstring, shortened. Needs the libraries of `make test`; those that are
not installed are passed over, and told.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "assistant" / "language" / "data" / "apis.tsv"

MODULES = """
torch numpy pandas torch.nn.functional torch.nn torch.utils.data torch.optim
torch.optim.lr_scheduler torch.cuda matplotlib.pyplot seaborn os os.path builtins
numpy.linalg numpy.random numpy.fft numpy.ma pandas.api.types
torch.nn.utils torch.nn.utils.rnn torch.nn.init torch.nn.parallel torch.amp torch.autograd
torch.backends.cudnn torch.distributed torch.distributions torch.fft torch.func torch.hub torch.jit
torch.linalg torch.onnx torch.profiler torch.random torch.special torch.utils.checkpoint
sklearn.metrics sklearn.metrics.pairwise sklearn.model_selection sklearn.preprocessing
sklearn.cluster sklearn.compose sklearn.datasets sklearn.decomposition sklearn.ensemble
sklearn.feature_extraction.text sklearn.feature_selection sklearn.impute sklearn.linear_model
sklearn.manifold sklearn.multiclass sklearn.multioutput sklearn.naive_bayes sklearn.neighbors
sklearn.pipeline sklearn.svm sklearn.tree sklearn.utils
scipy.cluster.hierarchy scipy.fft scipy.integrate scipy.interpolate scipy.io scipy.io.wavfile
scipy.linalg scipy.ndimage scipy.optimize scipy.signal scipy.sparse scipy.spatial
scipy.spatial.distance scipy.special scipy.stats
matplotlib matplotlib.animation matplotlib.axes matplotlib.colors matplotlib.dates
matplotlib.figure matplotlib.gridspec matplotlib.patches matplotlib.ticker
PIL.Image PIL.ImageDraw PIL.ImageFilter PIL.ImageFont PIL.ImageOps cv2 librosa librosa.display
librosa.effects librosa.feature librosa.util einops einops.layers.torch h5py joblib
openpyxl soundfile yaml
abc argparse array ast asyncio atexit base64 bisect bz2 calendar codecs collections
collections.abc concurrent.futures configparser contextlib copy csv ctypes dataclasses datetime
decimal difflib email enum fileinput fnmatch fractions functools gc getpass glob gzip hashlib heapq
hmac html http.client http.server importlib inspect io itertools json locale logging
logging.handlers lzma math mimetypes multiprocessing operator pathlib pdb pickle platform pprint
queue random re sched secrets select shelve shlex shutil signal smtplib socket sqlite3 ssl stat
statistics string struct subprocess sys tarfile tempfile textwrap threading time timeit traceback
tracemalloc types typing unicodedata unittest unittest.mock urllib.parse urllib.request uuid
warnings weakref xml.etree.ElementTree zipfile zlib
""".split()
"""Where two libraries have the same name, the one that stands first is meant."""

WORDS = 12
"""Words of a summary at most."""

HEAD = """\
# Public names of Python and of libraries, each with the first sentence of its docstring, shortened.
# Made by scripts/api_summaries.py. A name without its library means the first of its lines.
# The docstrings belong to their authors: Python (PSF license); PyTorch, NumPy, pandas, SciPy,
# scikit-learn, seaborn, h5py, joblib, soundfile (BSD); Matplotlib (its own, as Python's); Pillow
# (MIT-CMU); librosa (ISC); einops, openpyxl, PyYAML (MIT); OpenCV (Apache-2.0).
"""

_ROLE = re.compile(r":[\w:]+:`~?\.?([^`<]+?)(?:\s*<[^>]*>)?`")
_MARKS = re.compile(r"\\[a-z]+|[`*${}\\]")
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_SENTENCE_END = re.compile(r"(?<=[a-z)\]])[.:;](?:\s|$)")
_SIGNATURE = re.compile(r"[\w.*]+\(")
_SECTION = re.compile(r"Parameters|Examples?\b|Notes?\b|Args\b|\.\. |-----")
_SAYS_LITTLE = re.compile(
    r"(?i)(alias|deprecated|built-in|none|see|return self)\b|@overload|.*(docstring|>>>)"
)
_SEE = re.compile(r"See (?:also )?(torch\.\w[\w.]*\w)")


def main() -> None:
    """Write the table."""
    warnings.simplefilter("ignore")  # of deprecated names that are looked at
    found: dict[str, str] = {}
    seen: set[type] = {object}
    for name in MODULES:
        try:
            module = importlib.import_module(name)
        except ImportError as error:
            sys.stderr.write(f"without {name}: {error}\n")
            continue
        for qualified, documented in [*members(module), *methods(module, seen)]:
            if said := first_sentence(documented):
                found.setdefault(qualified, said)
    lines = [f"{name}\t{said}\n" for name, said in summaries(found).items()]
    OUTPUT.write_text(HEAD + "".join(lines), encoding="utf-8")


def members(module: types.ModuleType) -> Iterator[tuple[str, object]]:
    """Yield the public functions and classes of a module, those of other libraries left out."""
    library = module.__name__.partition(".")[0]
    prefix = "" if module.__name__ == "builtins" else f"{module.__name__}."
    listed = set(getattr(module, "__all__", ()))
    for name in dir(module):
        value = getattr(module, name, None)
        home = str(getattr(value, "__module__", None) or library).partition(".")[0].lstrip("_")
        ours = name in listed or home in {library, "builtins"}
        if not name.startswith("_") and callable(value) and ours:
            yield f"{prefix}{name}", value


def methods(module: types.ModuleType, seen: set[type]) -> Iterator[tuple[str, object]]:
    """Yield the public methods and properties of a module's classes.

    Args:
        module: The module.
        seen: Classes that had their turn, those above others included; grows.
    """
    library = module.__name__.partition(".")[0]
    for name, value in members(module):
        if not inspect.isclass(value) or issubclass(value, BaseException):
            continue
        if name.endswith("Tensor") and name != "Tensor":
            continue  # one for each type, all with the same methods
        for base in value.__mro__:
            if base not in seen and base.__module__.partition(".")[0].lstrip("_") == library:
                seen.add(base)
                for key, item in vars(base).items():
                    if not key.startswith("_"):
                        yield f"{name}.{key}", item


def first_sentence(documented: object) -> str:
    """Return the first sentence of a docstring, without markup and signatures; else nothing."""
    text = getattr(documented, "__doc__", None)
    if not isinstance(text, str) or text == type(documented).__doc__:
        return ""
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        lines = _without_signature(paragraph.split("\n"))
        plain = _MARKS.sub("", _ROLE.sub(r"\1", " ".join(lines))).strip(" .")
        plain = " ".join(plain.removeprefix("@brief").split())
        if plain and not _SECTION.match(plain):
            return _SENTENCE_END.split(plain)[0]
    return ""


def _without_signature(lines: list[str]) -> list[str]:
    """Return the lines of a paragraph that follow the signatures it opens with."""
    rest = list(lines)
    while rest and _SIGNATURE.match(rest[0].strip()):
        open_brackets = 0
        while rest:
            line = rest.pop(0)
            open_brackets += sum(line.count(c) for c in "([") - sum(line.count(c) for c in ")]")
            if open_brackets <= 0:
                break
    return rest


def summaries(found: dict[str, str]) -> dict[str, str]:
    """Return short summaries of those names whose first sentences say something."""
    made = {}
    for name, sentence in found.items():
        other = _SEE.match(sentence)
        said = found.get(other[1], "") if other else sentence
        words = _BRACKETS.sub("", said).split()[:WORDS]
        if len(words) >= 3 and not _SAYS_LITTLE.match(said):
            made[name] = " ".join(words).rstrip(",;:")
    return made


if __name__ == "__main__":
    main()
