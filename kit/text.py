"""Text normalisation that never loses the way back: every normalised character knows its place in the raw text."""

import unicodedata
from dataclasses import dataclass

# Characters that carry no meaning for matching but split words: zero-width space and joiners, bidi marks and
# overrides, the byte-order mark, soft hyphen, variation selectors (RELIABILITY A56).
_INVISIBLE = frozenset(
    [173, 847, 1564, 6158, 65279, *range(8203, 8208), *range(8234, 8239), *range(8288, 8304), *range(65024, 65040)]
)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Normalised:
    """A folded text and, for each of its characters, the raw span it came from.

    Attributes:
        text: The folded text.
        starts: Index in the raw text where the source of each folded character begins (code points).
        ends: Index in the raw text just past that source.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a half-open span of the folded text to the raw text.

        Args:
            start: First folded character.
            end: Just past the last folded character; must be greater than ``start``.

        Returns:
            ``(start, end)`` in code points of the raw text.
        """
        return self.starts[start], self.ends[end - 1]


def normalise(raw: str) -> Normalised:
    """Fold a text for matching: NFKC per character, zero-width and control characters dropped.

    NFKC (Unicode UAX #15) turns full-width letters and digits into ASCII. It is applied character by character so
    that offsets survive; combining sequences are left as they are, which matters for no rule of ours.

    Args:
        raw: The text as the customer sent it; may hold NUL and lone surrogates.

    Returns:
        The folded text with its way back.
    """
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for index, char in enumerate(raw):
        for folded in _fold(char):
            out.append(folded)
            starts.append(index)
            ends.append(index + 1)
    return Normalised("".join(out), tuple(starts), tuple(ends))


def _fold(char: str) -> str:
    """Return what one raw character becomes: nothing, itself, or its compatibility form."""
    code = ord(char)
    if code < 0x80:  # noqa: PLR2004 - ASCII, the common case
        return char if code >= 0x20 or char in "\t\n" else ""  # noqa: PLR2004 - control characters
    if code in _INVISIBLE or 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - the surrogate block
        return ""
    return unicodedata.normalize("NFKC", char)


def displayable(raw: str) -> str:
    """Make a raw text safe to store as UTF-8 text and to show: NUL and lone surrogates become U+FFFD."""
    return "".join(_REPLACEMENT if c == "\0" or 0xD800 <= ord(c) <= 0xDFFF else c for c in raw)  # noqa: PLR2004


def is_blank(raw: str) -> bool:
    """Tell whether nothing readable is left: white space, zero-width and control characters only."""
    return not normalise(raw).text.strip()


def has_words(raw: str) -> bool:
    """Tell whether a text has at least one letter or digit of any script (emoji and punctuation alone have none)."""
    return any(c.isalnum() for c in normalise(raw).text)


def bigrams(text: str) -> list[str]:
    """Split for lexical matching: Han characters as single characters and bigrams, Latin words and codes whole.

    Bigrams beat a dictionary segmenter on CMRC2018 (R@1 .95 against .90) and need no dictionary.

    Args:
        text: Any text; folded and lower-cased here.

    Returns:
        Tokens in order, repeats kept.
    """
    tokens: list[str] = []
    word: list[str] = []
    previous_han = ""
    for char in normalise(text).text.lower() + " ":
        if _is_han(char):
            _flush(word, tokens)
            tokens.append(char)
            if previous_han:
                tokens.append(previous_han + char)
            previous_han = char
            continue
        previous_han = ""
        if char.isalnum() or (word and char in "-_."):
            word.append(char)
        else:
            _flush(word, tokens)
    return tokens


def _flush(word: list[str], tokens: list[str]) -> None:
    """Close the Latin word being collected."""
    if joined := "".join(word).strip("-_."):
        tokens.append(joined)
    word.clear()


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf"


def language_of(text: str) -> str:
    """Return ``zh`` where Han characters make up at least a tenth of the letters, else ``en``; no letters: ``zh``."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return "zh"
    return "zh" if sum(map(_is_han, letters)) * 10 >= len(letters) else "en"
