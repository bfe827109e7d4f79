r"""Formulas of TeX as a line of text: ``\frac{1}{2} m v^2`` is ½ m v². Pure.

It is for reading, not for typesetting: what it does not know stays as it is written.
"""

from __future__ import annotations

import re

_SIGNS = dict(
    pair.split("=", 1)
    for pair in (
        "alpha=α beta=β gamma=γ delta=δ epsilon=ε varepsilon=ε zeta=ζ eta=η theta=θ vartheta=ϑ"
        " iota=ι"
        " kappa=κ lambda=λ mu=μ nu=ν xi=ξ pi=π rho=ρ sigma=σ tau=τ upsilon=υ phi=φ varphi=φ chi=χ"
        " psi=ψ omega=ω Gamma=Γ Delta=Δ Theta=Θ Lambda=Λ Xi=Ξ Pi=Π Sigma=Σ Phi=Φ Psi=Ψ Omega=Ω"
        " cdot=· times=× div=÷ pm=± mp=∓ ast=∗ star=⋆ circ=∘ bullet=• oplus=⊕ otimes=⊗ odot=⊙"
        " leq=≤ le=≤ geq=≥ ge=≥ neq=≠ ne=≠ approx=≈ equiv=≡ sim=∼ simeq=≃ cong=≅ propto=∝ ll=≪ gg=≫"
        " in=∈ notin=∉ ni=∋ subset=⊂ subseteq=⊆ supset=⊃ supseteq=⊇ cup=∪ cap=∩ setminus=∖"
        " emptyset=∅ forall=∀ exists=∃ neg=¬ land=∧ wedge=∧ lor=∨ vee=∨ to=→ rightarrow=→"
        " leftarrow=← gets=← leftrightarrow=↔ Rightarrow=⇒ implies=⇒ Leftarrow=⇐ iff=⇔"
        " Leftrightarrow=⇔ mapsto=↦ sum=∑ prod=∏ int=∫ oint=∮ partial=∂ nabla=∇ infty=∞ ldots=…"
        " dots=… cdots=⋯ vdots=⋮ langle=⟨ rangle=⟩ lfloor=⌊ rfloor=⌋ lceil=⌈ rceil=⌉ mid=| vert=|"
        " Vert=‖ parallel=∥ perp=⊥ angle=∠ prime=′ hbar=ℏ ell=ℓ Re=ℜ Im=ℑ top=⊤ bot=⊥"
        " quad=\u2003 qquad=\u2003 colon=: backslash=\\ degree=° lVert=‖ rVert=‖ lvert=| rvert=|"
    ).split(" ")
)
"""Commands that are one sign."""

_RAISED = dict(zip("0123456789+-=()niTx", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀˣ", strict=True))
_LOWERED = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True)) | dict(
    zip("aehijklmnoprstuvx", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
_PARTS = {"1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾"}

LONGEST = 1000
"""Characters of a formula that is read; a longer one stays as it is."""

_GROUP = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
"""What stands in braces, three deep."""

_FRACTION = re.compile(rf"\\[dt]?frac\s*{_GROUP}\s*{_GROUP}")
_ROOT = re.compile(rf"\\sqrt\s*(?:\[([^\]]*)\])?\s*{_GROUP}")
_WORDS = re.compile(
    r"\\(?:text|mathrm|mathbf|mathit|mathcal|mathbb|mathsf|operatorname|boldsymbol|bm|textbf|textit)\*?"
    rf"\s*{_GROUP}"
)
_SCRIPT = re.compile(rf"([_^])\s*(?:{_GROUP}|(\\[A-Za-z]+|\S))")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s?")
_SPACES = re.compile(r"\\[,;:! ]|~")
_SIZES = re.compile(r"\\(?:left|right|bigg?|Bigg?|displaystyle|limits|nolimits)(?![A-Za-z])\s*")


def readable(tex: str) -> str:
    """Return a formula as text.

    Args:
        tex: It, without its dollars.
    """
    if len(tex) > LONGEST:
        return tex
    text = _SIZES.sub("", tex)
    for pattern, form in ((_WORDS, r"\1"), (_FRACTION, None), (_ROOT, None)):
        for _ in range(4):  # as deep as groups are read
            before = text
            text = pattern.sub(form if form else _told, text)
            if text == before:
                break
    text = _SPACES.sub(" ", text)
    text = _COMMAND.sub(lambda m: _SIGNS.get(m[1], m[0].rstrip()) + _gap(m), text)
    text = _SCRIPT.sub(_script, text)
    text = re.sub(r"\\([{}%$&#_|])", r"\1", text).replace(r"\\", ";").replace("&", "")
    return " ".join(text.split())


def _gap(match: re.Match[str]) -> str:
    """Return the space behind a command where it stands for one: names of functions keep it."""
    return " " if match[0][-1].isspace() else ""


def _told(match: re.Match[str]) -> str:
    """Return a fraction as a quotient, a root with its sign."""
    if match[0].startswith(r"\sqrt"):
        sign = {"": "√", "3": "∛", "4": "∜"}.get(match[1] or "", "√")
        return sign + _closed(match[2])
    quotient = f"{_closed(match[1])}/{_closed(match[2])}"
    return _PARTS.get(quotient, quotient)


def _closed(part: str) -> str:
    """Return a part of a formula in parentheses where it has more than one sign."""
    part = part.strip()
    return part if re.fullmatch(r"\w+|\\[A-Za-z]+|\S", part) else f"({part})"


def _script(match: re.Match[str]) -> str:
    """Return what is raised or lowered as signs that are so, where there are any."""
    inside = (match[2] if match[2] is not None else match[3]).strip()
    signs = _RAISED if match[1] == "^" else _LOWERED
    if inside and all(sign in signs for sign in inside):
        return "".join(signs[sign] for sign in inside)
    return match[1] + (inside if len(inside) == 1 else f"({inside})")
