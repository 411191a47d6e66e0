"""Reads a CoNLL-U file with one of Python's readers and keeps nothing; prints how many words there were.

    python3 read_conllu.py conllu FILE
    python3 read_conllu.py pyconll FILE
"""

import sys


def main() -> None:
    _, reader, path = sys.argv
    words = 0
    if reader == "conllu":
        import conllu

        with open(path, encoding="utf-8") as file:
            for sentence in conllu.parse_incr(file):
                words += sum(isinstance(token["id"], int) for token in sentence)
    else:
        import pyconll

        for sentence in pyconll.iter_from_file(path):
            words += sum(token.id.isdigit() for token in sentence)
    print(words, "words")


if __name__ == "__main__":
    main()
