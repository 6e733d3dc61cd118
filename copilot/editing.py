"""How far a sent text is from its draft."""


def edit_distance(one: str, other: str) -> float:
    """Return the Levenshtein distance as a share of the longer text.

    Bit-parallel over Python's integers (Myers, JACM 46(3), 1999, in the form of Hyyrö, 2003): two texts of 8,000
    characters take some 20 ms, where the table would take half a minute.

    Args:
        one: A text; counted in code points.
        other: Another one.

    Returns:
        0 (the same) to 1 (nothing in common); two empty texts are the same.

    >>> edit_distance("kitten", "sitting")
    0.42857142857142855
    """
    if not one or not other:
        return float(bool(one or other))
    places: dict[str, int] = {}
    for index, char in enumerate(one):
        places[char] = places.get(char, 0) | 1 << index
    every, top = (1 << len(one)) - 1, 1 << (len(one) - 1)
    up, down, distance = every, 0, len(one)
    for char in other:
        match = places.get(char, 0)
        diagonal = (((match & up) + up) ^ up) | match | down
        rises, falls = down | ~(diagonal | up) & every, up & diagonal
        distance += bool(rises & top)
        distance -= bool(falls & top)
        rises, falls = (rises << 1 | 1) & every, falls << 1 & every
        up, down = falls | ~(diagonal | rises) & every, rises & diagonal
    return distance / max(len(one), len(other))
