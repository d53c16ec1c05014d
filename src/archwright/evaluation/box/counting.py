"""What counts as a parameter: every number that training can leave behind for predictions to use.

Parameters are counted in words of 32 bits, so that nothing is hidden in the upper half of a wider number. Buffers are
free up to what honest networks need: the running statistics of normalisation, a grid of coordinates, a fixed filter.
Of 603 known networks (the seed corpus and a sample of LEMUR) the greediest has buffers of 6 % of its parameters.
Beyond that they are parameters by another name and count as such.
"""

WORD_BYTES = 4
FREE_BUFFER_WORDS = 4_096
FREE_BUFFER_PARTS = 10
"""Buffers are free up to `FREE_BUFFER_WORDS` or one in so many parameters, whichever is more."""


def counted_parameters(parameter_words: int, buffer_words: int) -> int:
    """Return the parameters of a network from the words in its parameters and in its buffers."""
    free = max(FREE_BUFFER_WORDS, parameter_words // FREE_BUFFER_PARTS)
    return parameter_words + max(0, buffer_words - free)


def words_of(elements: int, n_bytes: int) -> int:
    """Return what a tensor counts: its elements, and more for elements wider than a word."""
    return max(elements, -(-n_bytes // WORD_BYTES))
